import type { IssuerConfig } from '../../types.ts'
import type { DocumentReader } from '../reader.ts'

/** What no issuer can be checked for alone, and what deserves a warning. */
export function checkIssuers(reader: DocumentReader, issuers: readonly IssuerConfig[]): void {
  const seen = new Set<string>()
  for (const [index, { issuer, url, sessions }] of issuers.entries()) {
    const path = ['bearer', 'jwks', index]
    if (seen.has(issuer)) reader.error([...path, 'issuer'], 'this issuer is already in the list')
    seen.add(issuer)
    if (sessions && reader.valueAt(['auth', 'mode']) === 'remote') {
      reader.error(
        [...path, 'sessions'],
        'a remote Better Auth cannot be asked for a session by id',
      )
    }
    if (isInTheClear(url)) {
      reader.warn(
        [...path, 'url'],
        'whoever is on the way can put keys of their own there: use https outside a network of your own',
      )
    }
  }
}

function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}
