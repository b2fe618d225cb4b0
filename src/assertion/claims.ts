import { userOf, type Principal } from '../authn/principal.ts'
import type { IdentitySource, TokenConfig } from '../config/types.ts'

/**
 * The value of one source for a principal, or null where there is none. An e-mail address that nobody has verified is no
 * identity, and is never shown.
 */
export function readSource(principal: Principal, source: IdentitySource): string | null {
  if (source === 'user.id') return principal.userId
  if (source === 'session.id') return principal.kind === 'session' ? principal.session.id : null
  const user = userOf(principal)
  switch (source) {
    case 'user.email':
      return user?.emailVerified === true ? user.email : null
    case 'user.name':
      return user?.name ?? null
    case 'user.role':
      return user?.role ?? null
    case 'user.image':
      return user?.image ?? null
  }
}

/**
 * The claims set of an assertion in the profile `default` (RFC 7519 §4.1). Times are seconds. `iat` is set back by the
 * clock skew, because PyJWT has no leeway for it; there is no `aud`, because PyJWT and python-jose refuse one that they
 * did not ask for.
 */
export function toClaims(
  principal: Principal,
  config: TokenConfig,
  now: number,
  clockSkew: number,
): Readonly<Record<string, unknown>> {
  const claims: Record<string, unknown> = {
    sub: principal.userId,
    iat: now - clockSkew,
    exp: now + Math.floor(config.ttlMs / 1000),
  }
  if (principal.kind === 'session') claims['sid'] = principal.session.id
  for (const { name, source } of config.claims) {
    const value = readSource(principal, source)
    if (value !== null) claims[name] = value
  }
  return claims
}
