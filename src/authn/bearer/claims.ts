import { refuse, type Refusal } from '../../errors/refusal.ts'

/** What a foreign or own bearer token must satisfy, in seconds. */
export interface ClaimRules {
  readonly userClaim: string
  /** The claims whose values count as roles and scopes; null: none do. */
  readonly rolesClaim: string | null
  readonly scopesClaim: string | null
  readonly issuer: string | null
  readonly audience: string | null
  readonly maxLifetime: number
  /** Tolerated for `nbf` and `iat`, which other clocks wrote. Never for `exp`: FastAPI's decoder has no leeway there. */
  readonly clockSkew: number
}

/** The claims that the gateway acts on. Times are in seconds. */
export interface BearerClaims {
  readonly userId: string
  readonly expiresAt: number
  /** null where the token does not say when it was issued. */
  readonly issuedAt: number | null
  readonly sessionId: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
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
  return {
    userId,
    expiresAt: exp,
    issuedAt: iat ?? null,
    sessionId: typeof sid === 'string' && sid !== '' ? sid : null,
    roles: readGrants(claims, rules.rolesClaim, ','),
    scopes: readGrants(claims, rules.scopesClaim, ' '),
  }
}

const nothing: readonly string[] = []

/**
 * What a claim grants: a list of texts, or one text. Better Auth separates several roles in one text by commas, RFC 8693 §4.2
 * scopes by spaces. What is neither grants nothing.
 */
function readGrants(
  claims: Readonly<Record<string, unknown>>,
  name: string | null,
  separator: string,
): readonly string[] {
  if (name === null || !Object.hasOwn(claims, name)) return nothing
  const value = claims[name]
  const listed: readonly unknown[] =
    typeof value === 'string' ? value.split(separator) : [value].flat()
  return listed
    .filter((each) => typeof each === 'string')
    .map((each) => each.trim())
    .filter((each) => each !== '')
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
