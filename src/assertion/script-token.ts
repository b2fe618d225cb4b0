import type { BearerConfig, IdentityConfig } from '../config/types.ts'
import { toClaims } from './claims.ts'
import { assertionType } from '../authn/bearer/reader.ts'

/** A token that somebody wants for a script. */
export interface ScriptTokenOptions {
  readonly userId: string
  readonly ttlMs: number
  /** Claims besides those that say who and for how long. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** A header's `typ` and a claims set, to be signed. */
export interface Unsigned {
  readonly type: string
  readonly claims: Readonly<Record<string, unknown>>
}

interface Times {
  readonly nowMs: number
  /** Tolerance between clocks, seconds: `iat` is set back by it, because PyJWT has no leeway for it. */
  readonly clockSkew: number
}

/**
 * A token as another signer with our secret would make it: the gateway takes it as a bearer token, and FastAPI verifies it as it comes. It says what either asks for: the
 * user in `bearer.userClaim` and in the claim of FastAPI's dialect, `iss` and `aud` of both. Its lifetime, from `iat` on, is `bearer.maxLifetime` at most.
 *
 * Not checked: whether the user exists, and whether the two agree on `iss` and on a claim that both use; then the gateway's counts.
 */
export function clientToken(
  options: ScriptTokenOptions,
  { bearer, identity }: { readonly bearer: BearerConfig; readonly identity: IdentityConfig },
  { nowMs, clockSkew }: Times,
): Unsigned {
  const { userId, ttlMs } = options
  const { token } = identity
  const now = Math.floor(nowMs / 1000)
  const iat = now - clockSkew
  const exp = Math.min(
    now + Math.floor(ttlMs / 1000),
    iat + Math.floor(bearer.maxLifetimeMs / 1000),
  )
  const issuer = bearer.issuer ?? token?.issuer ?? null
  const audiences = [...new Set([token?.audience ?? [], bearer.audience ?? []].flat())]
  const [only] = audiences
  const claims = {
    sub: userId,
    ...options.claims,
    ...token?.constants,
    ...(token === null ? {} : { [token.subjectClaim]: userId }),
    [bearer.userClaim]: userId,
    iat,
    exp,
    ...(issuer === null ? {} : { iss: issuer }),
    ...(only === undefined ? {} : { aud: audiences.length === 1 ? only : audiences }),
  }
  return { type: 'JWT', claims }
}

/** What FastAPI gets from the gateway in the name of a user, for who asks FastAPI directly; null: it gets no token. The gateway itself refuses it. */
export function upstreamToken(
  options: ScriptTokenOptions,
  { identity }: { readonly identity: IdentityConfig },
  { nowMs, clockSkew, newId }: Times & { readonly newId: () => string },
): Unsigned | null {
  const { userId, ttlMs } = options
  if (identity.token === null) return null
  const principal = {
    kind: 'bearer',
    userId,
    expiresAt: Math.floor((nowMs + ttlMs) / 1000),
    passesOn: false,
    roles: [],
    scopes: [],
    user: null,
  } as const
  const now = Math.floor(nowMs / 1000)
  const config = { ...identity.token, ttlMs }
  const own = toClaims(principal, userId, config, { now, clockSkew, newId })
  return { type: assertionType, claims: { ...options.claims, ...own } }
}
