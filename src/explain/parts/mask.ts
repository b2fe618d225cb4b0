import { readObject, splitJws } from '../../authn/bearer/jws.ts'
import { tokenIn } from '../../authn/ticket/record.ts'
import type { HeaderLine, TokenView } from '../explanation.ts'

export const hidden = '••••'

const secretName =
  /authorization|cookie|token|secret|password|credential|signature|session|api[-_.]?key/i

/** A header line that may be shown: what could be a credential is left out, by the name of its field. */
export function maskLine([name, value]: HeaderLine): HeaderLine {
  if (!secretName.test(name) || /^(?:sec-websocket|access-control)-/i.test(name))
    return [name, value]
  if (/^(?:proxy-)?authorization$/i.test(name)) return [name, maskAuthorization(value)]
  if (/^cookie$/i.test(name)) return [name, maskCookies(value)]
  // What is cleared says nothing.
  if (/^set-cookie$/i.test(name) && /^[^=;]+=;/.test(value)) return [name, value]
  return [name, hidden]
}

function maskAuthorization(value: string): string {
  const scheme = /^[A-Za-z][A-Za-z0-9-]*(?= )/.exec(value)?.[0]
  return scheme === undefined ? hidden : `${scheme} ${hidden}`
}

function maskCookies(value: string): string {
  return value
    .split(';')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals === -1 ? ` ${hidden}` : `${pair.slice(0, equals)}=${hidden}`
    })
    .join(';')
    .trim()
}

/**
 * What a token in `Authorization` says, or null where there is none. Not verified. Times are written from now, and a `jti` is new
 * each time, so that the same question has the same answer.
 */
export function readToken(authorization: string | undefined, nowMs: number): TokenView | null {
  const token = tokenIn(authorization ?? null)
  const jws = token === null ? null : splitJws(token)
  if (jws === null) return null
  const header = readObject(jws.input.split('.')[0] ?? '')
  const claims = readObject(jws.payload)
  return header === null || claims === null ? null : { header, claims: fromNow(claims, nowMs) }
}

function fromNow(claims: TokenView['claims'], nowMs: number): TokenView['claims'] {
  const told = Object.entries(claims).map(([name, value]): [string, unknown] => {
    if (name === 'jti') return [name, 'new each time']
    // A claim may hold what is a credential somewhere else.
    if (secretName.test(name)) return [name, hidden]
    const isTime = ['exp', 'iat', 'nbf'].includes(name) && typeof value === 'number'
    return [name, isTime ? sinceNow(value - Math.floor(nowMs / 1000)) : value]
  })
  return Object.fromEntries(told)
}

function sinceNow(seconds: number): string {
  return `now${seconds < 0 ? '-' : '+'}${String(Math.abs(seconds))}s`
}
