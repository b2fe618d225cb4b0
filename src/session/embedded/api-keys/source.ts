import type { Auth, DBAdapter } from 'better-auth'
import type { User } from '../../../authn/principal.ts'
import type { ApiKeySource, FoundApiKey } from '../../port.ts'
import { expiryOf, isMetered, isUsable, refillOf, scopesOf, type ApiKeyRow } from './row.ts'

export interface ApiKeySourceDeps {
  readonly auth: Pick<Auth, 'api'>
  readonly reader: Pick<DBAdapter, 'findOne'>
  readonly findUser: (userId: string) => Promise<User | null>
  /** Runs a piece of Better Auth's work, and rejects where its answer may hide a failure. */
  readonly guard: <T>(work: () => Promise<T>) => Promise<T>
  readonly digest: (text: string) => string
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

/** What Better Auth's plugin says to a use of a key. */
interface Verdict {
  readonly valid: boolean
  readonly error: {
    readonly code?: string
    readonly details?: { readonly tryAgainIn?: number }
  } | null
  readonly key: ApiKeyRow | null
}

type VerifyApiKey = (context: {
  readonly body: { readonly key: string; readonly configId?: string }
}) => Promise<Verdict>

const invalid: FoundApiKey = {
  answer: { kind: 'invalid' },
  ownerId: null,
  expiresAtMs: Infinity,
  isMetered: false,
}

/**
 * Verifies API keys with Better Auth's plugin, which counts how often they are used. Before that the row is read here: a key that
 * nobody has, or whose owner may not come in, is not counted, costs no write and fills no log. Keys are expected to be stored
 * as digests in the database, as the plugin does unless it is told otherwise.
 *
 * The plugin knows neither of bans nor of deleted owners, and it calls a key invalid when it cannot write to its database: what
 * can be read and ought to be valid is then unknown, and this rejects.
 */
export function createApiKeySource(deps: ApiKeySourceDeps): ApiKeySource {
  const { auth, reader, findUser, guard, digest, now } = deps
  const verify = (auth.api as unknown as { readonly verifyApiKey: VerifyApiKey }).verifyApiKey
  const read = (apiKey: string): Promise<ApiKeyRow | null> =>
    reader.findOne({ model: 'apikey', where: [{ field: 'key', value: digest(apiKey) }] })
  async function use(apiKey: string, row: ApiKeyRow, owner: User): Promise<FoundApiKey> {
    const { configId } = row
    const scope = configId && configId !== 'default' ? { configId } : {}
    const verdict = await guard(() => verify({ body: { key: apiKey, ...scope } }))
    if (verdict.valid && verdict.key !== null) return toValid(verdict.key, owner)
    switch (verdict.error?.code) {
      case 'RATE_LIMITED':
        return toLimited(row, now() + (verdict.error.details?.tryAgainIn ?? 1000))
      case 'USAGE_EXCEEDED':
        return toLimited(row, refillOf(row))
      case 'INVALID_API_KEY':
        if ((await read(apiKey)) === null) return invalid
        throw new Error('an API key that is there could not be used')
      case undefined:
      default:
        return invalid
    }
  }
  return {
    async verify(apiKey) {
      const row = await read(apiKey)
      if (row === null || !isUsable(row, now())) return invalid
      const owner = await findUser(row.referenceId)
      if (owner === null) return invalid
      return owner.banned ? toValid(row, owner) : use(apiKey, row, owner)
    },
  }
}

/**
 * Judges keys without using them: nothing is counted or written. A key that is used up is told as that; whether it was used too often in
 * too short a time is only known to who counts.
 */
export function createApiKeyLook(
  deps: Pick<ApiKeySourceDeps, 'reader' | 'findUser' | 'digest' | 'now'>,
): ApiKeySource {
  const { reader, findUser, digest, now } = deps
  return {
    async verify(apiKey) {
      const where = [{ field: 'key', value: digest(apiKey) }]
      const row = await reader.findOne<ApiKeyRow>({ model: 'apikey', where })
      if (row === null || !isUsable(row, now())) return invalid
      const owner = await findUser(row.referenceId)
      if (owner === null) return invalid
      const refill = refillOf(row)
      const isUsedUp = row.remaining === 0 && (refill === null || refill > now())
      return isUsedUp && !owner.banned ? toLimited(row, refill) : toValid(row, owner)
    },
  }
}

function toValid(row: ApiKeyRow, user: User): FoundApiKey {
  const expiresAtMs = expiryOf(row)
  const principal = {
    kind: 'apiKey',
    userId: user.id,
    keyId: row.id,
    user,
    scopes: scopesOf(row),
    expiresAtMs,
  } as const
  return {
    answer: { kind: 'valid', principal },
    ownerId: user.id,
    expiresAtMs,
    isMetered: isMetered(row),
  }
}

function toLimited(row: ApiKeyRow, untilMs: number | null): FoundApiKey {
  return {
    answer: { kind: 'limited', untilMs },
    ownerId: row.referenceId,
    expiresAtMs: expiryOf(row),
    isMetered: true,
  }
}
