import { configSchema } from '../schema.ts'
import type { IdentityConfig } from '../types.ts'
import { judgeIdentityHeader } from '../values/identity.ts'
import { checkSource } from './identity/source.ts'
import { checkToken, readToken } from './identity/token.ts'
import type { DocumentReader } from './reader.ts'

const { shape } = configSchema

export function readIdentity(reader: DocumentReader): IdentityConfig | null {
  checkHeaders(reader)
  checkToken(reader)
  const identity = reader.read(shape.identity, ['identity'])
  if (identity === null) return null
  const others = Object.entries(identity.headers)
    .map(([name, source]) => ({ name, source }))
    .filter(({ name }) => !['x-user-id', 'x-impersonated-by'].includes(name.toLowerCase()))
  const headers = [{ name: 'X-User-Id', source: 'user.id' } as const, ...others]
  const { token } = identity
  return { headers, token: token === 'none' ? null : readToken(reader, token) }
}

// Names and sources are looked at in the data, so that one wrong value does not hide the next.
function checkHeaders(reader: DocumentReader): void {
  const base = ['identity', 'headers']
  const seen = new Set<string>()
  for (const name of reader.keysAt(base)) {
    const lower = name.toLowerCase()
    const problem = seen.has(lower)
      ? 'this header is already listed (case does not matter)'
      : judgeIdentityHeader(name)
    seen.add(lower)
    const path = [...base, name]
    const value = reader.valueAt(path)
    checkSource(reader, path)
    if (problem !== null) reader.error(path, problem, 'key')
    else if (lower === 'x-user-id' && value !== 'user.id') {
      reader.error(path, 'X-User-Id is always user.id: use another header')
    } else if (lower === 'x-impersonated-by' && value !== 'session.impersonatedBy') {
      reader.error(path, 'X-Impersonated-By is always session.impersonatedBy: use another header')
    }
  }
}
