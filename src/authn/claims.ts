import { refuse, type Refusal } from '../errors/refusal.ts'

/** What a foreign or own bearer token must satisfy, in seconds. */
export interface ClaimRules {
  readonly userClaim: string
  readonly issuer: string | null
  readonly audience: string | null
  readonly maxLifetime: number
  /** Tolerated for `nbf` and `iat`, which other clocks wrote. Never for `exp`: FastAPI's decoder has no leeway there. */
  readonly clockSkew: number
}

/** The claims that the gateway acts on. */
export interface BearerClaims {
  readonly userId: string
  readonly expiresAt: number
  readonly sessionId: string | null
}

/** Tolerance between our clock and other signers', seconds. */
export const clockSkewSeconds = 30

const userIdGrammar = /^[\x21-\x7e]{1,128}$/

/**
 * Checks the claims set of a verified token (RFC 7519 §4.1, RFC 8725 §3.8–3.10). `now` is in seconds.
 *
 * Refusals: `token_expired`; `token_invalid` for a missing, mistyped or absurd claim, a lifetime above `maxLifetime`, an
 * unexpected issuer or audience, or a user claim outside the grammar. Not checked: whether the user exists.
 */
export function readClaims(
  claims: Readonly<Record<string, unknown>>,
  rules: ClaimRules,
  now: number,
): BearerClaims | Refusal {
  const { exp, nbf, iat, iss, aud, sid } = claims
  if (!isTime(exp)) return invalid('The access token has no usable expiry.')
  if (exp <= now) {
    const seconds = Math.max(1, Math.round(now - exp))
    const unit = seconds === 1 ? 'second' : 'seconds'
    return refuse('token_expired', {
      detail: `The access token expired ${seconds} ${unit} ago.`,
      tokenPresented: true,
    })
  }
  if (nbf !== undefined && !(isTime(nbf) && nbf <= now + rules.clockSkew))
    return invalid('The access token is not valid yet.')
  if (iat !== undefined && !(isTime(iat) && iat <= now + rules.clockSkew))
    return invalid('The access token was issued in the future.')
  if (exp - Math.min(iat ?? now, now) > rules.maxLifetime)
    return invalid('The access token lives longer than is accepted here.')
  if (rules.issuer !== null && iss !== rules.issuer)
    return invalid('The access token has another issuer.')
  if (rules.audience !== null && !includesAudience(aud, rules.audience))
    return invalid('The access token is meant for another audience.')
  const userId = claims[rules.userClaim]
  if (typeof userId !== 'string' || !userIdGrammar.test(userId))
    return invalid('The access token names no usable user.')
  return { userId, expiresAt: exp, sessionId: typeof sid === 'string' && sid !== '' ? sid : null }
}

/** RFC 7519 §2 NumericDate. `1e999` parses to Infinity, and a negative or far time is no time. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 253_402_300_799
}

function includesAudience(aud: unknown, wanted: string): boolean {
  return Array.isArray(aud) ? aud.includes(wanted) : aud === wanted
}

function invalid(detail: string): Refusal {
  return refuse('token_invalid', { detail, tokenPresented: true })
}
