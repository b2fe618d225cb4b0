import type { Principal } from '../authn/principal.ts'
import type { ClaimConfig, StandardClaim, TokenConfig } from '../config/types.ts'
import { readSource } from './sources.ts'

/** What a token depends on besides its principal and the configuration. */
export interface Issuance {
  /** Seconds. */
  readonly now: number
  /** Tolerance between our clock and FastAPI's, seconds. */
  readonly clockSkew: number
  /** Makes an identifier that no other token has. */
  readonly newId: () => string
}

/**
 * The claims set of an assertion (RFC 7519 §4.1) in the configured dialect. `iat` and `nbf` are set back by the clock skew,
 * because PyJWT has no leeway for them.
 *
 * `scope` is what a credential with scopes of its own has (RFC 8693 §4.2): a configured claim of that name is for sessions,
 * so that a key can do no more than it was made for.
 * @param subject what `readSubject` has found for this principal
 */
export function toClaims(
  principal: Principal,
  subject: string,
  config: TokenConfig,
  issuance: Issuance,
): Readonly<Record<string, unknown>> {
  const { issuer, audience, claims: added, constants, standardClaims, subjectClaim } = config
  const claims: Record<string, unknown> = { ...constants }
  for (const claim of added) {
    const value = readClaim(principal, claim)
    if (value !== null) claims[claim.name] = value
  }
  claims[subjectClaim] = subject
  claims['exp'] = issuance.now + Math.floor(config.ttlMs / 1000)
  if (issuer !== null) claims['iss'] = issuer
  if (audience !== null) claims['aud'] = audience
  for (const name of standardClaims) {
    const value = readStandard(name, principal, issuance)
    if (value !== null) claims[name] = value
  }
  return { ...claims, ...claimsOf(principal) }
}

/** What the kind of credential says, whatever is configured; an undefined claim is not written. */
function claimsOf(principal: Principal): Readonly<Record<string, unknown>> {
  if (principal.kind === 'session') {
    const { impersonatedBy } = principal.session
    // RFC 8693 §4.1: who acts in the name of the subject.
    return impersonatedBy === null ? {} : { act: { sub: impersonatedBy } }
  }
  const { scopes } = principal
  return { scope: scopes.length === 0 ? undefined : scopes.join(' ') }
}

function readStandard(
  name: StandardClaim,
  principal: Principal,
  { now, clockSkew, newId }: Issuance,
): string | number | null {
  switch (name) {
    case 'iat':
    case 'nbf':
      return now - clockSkew
    case 'sid':
      return principal.kind === 'session' ? principal.session.id : null
    case 'jti':
      return newId()
  }
}

// As many digits as a number of JSON surely keeps (RFC 8259 §6).
const integer = /^(?:0|-?[1-9]\d{0,14})$/

function readClaim(
  principal: Principal,
  { source, as }: ClaimConfig,
): string | number | readonly string[] | null {
  const value = readSource(principal, source)
  if (value === null || as === 'text') return value
  if (as === 'integer') return integer.test(value) ? Number(value) : null
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
