import { configSchema } from '../../schema.ts'
import type { BearerConfig } from '../../types.ts'
import type { DocumentReader } from '../reader.ts'
import { checkIssuers } from './issuers.ts'

const { shape } = configSchema

export function readBearer(reader: DocumentReader): BearerConfig | null {
  const bearer = reader.read(shape.bearer, ['bearer'])
  if (bearer === null) return null
  const { secret, ttl, maxLifetime, jwks, ...rest } = bearer
  if (ttl > maxLifetime) reader.error(['bearer', 'ttl'], 'must not be longer than `maxLifetime`')
  checkIssuers(reader, jwks)
  checkRemote(reader, rest)
  return {
    ...rest,
    secrets: typeof secret === 'string' ? [secret] : secret,
    ttlMs: ttl,
    maxLifetimeMs: maxLifetime,
    jwks,
  }
}

/** What can only be answered by a Better Auth of our own. */
function checkRemote(
  reader: DocumentReader,
  bearer: Pick<BearerConfig, 'requireUser' | 'sessionTokens' | 'apiKeys'>,
): void {
  if (reader.valueAt(['auth', 'mode']) !== 'remote') return
  if (bearer.requireUser) {
    reader.error(['bearer', 'requireUser'], 'a remote Better Auth cannot be asked for a user by id')
  }
  if (bearer.apiKeys) {
    reader.error(['bearer', 'apiKeys'], 'a remote Better Auth verifies no API keys for others')
  }
  const secret = reader.valueAt(['auth', 'secret'])
  if (bearer.sessionTokens && (secret === undefined || secret === 'none')) {
    reader.error(
      ['bearer', 'sessionTokens'],
      'needs `auth.secret`: without it nobody here can tell a signed token from a forged one',
    )
  }
}
