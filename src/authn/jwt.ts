import { LRUCache } from 'lru-cache'

/** The claims of a JWS whose signature and shape have been checked; their meaning has not. */
export interface VerifiedToken {
  readonly type: string
  readonly claims: Readonly<Record<string, unknown>>
}

const maxTokenLength = 8192
const base64url = /^[A-Za-z0-9_-]+$/

/**
 * Verifies a compact JWS signed with HS256 (RFC 7515 §5.2, RFC 8725 §3.1: the algorithm is ours to choose, not the
 * token's). Returns null for anything else: another `alg`, `crit` extensions (RFC 7515 §4.1.11), segments that are not
 * canonical base64url, JSON that is not an object, a signature that no secret explains.
 *
 * Not checked: every claim, including `exp`.
 */
export function verifyToken(
  token: string,
  verifiers: readonly ((input: string, signature: string) => boolean)[],
): VerifiedToken | null {
  if (token.length > maxTokenLength) return null
  const segments = token.split('.')
  const [header, payload, signature] = segments
  if (segments.length !== 3 || !header || !payload || !signature) return null
  const parameters = readObject(header)
  if (parameters === null || parameters['alg'] !== 'HS256' || 'crit' in parameters) return null
  const type = parameters['typ'] ?? 'jwt'
  if (typeof type !== 'string') return null
  const input = token.slice(0, token.lastIndexOf('.'))
  if (!verifiers.some((verify) => verify(input, signature))) return null
  const claims = readObject(payload)
  // RFC 7515 §4.1.9: the media type prefix may be left out, and case does not matter.
  return claims === null ? null : { type: type.toLowerCase().replace(/^application\//, ''), claims }
}

function readObject(segment: string): Record<string, unknown> | null {
  if (!base64url.test(segment)) return null
  const bytes = Buffer.from(segment, 'base64url')
  if (bytes.toString('base64url') !== segment) return null
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Verifies a compact JWS; null for whatever is not one that we accept. */
export type TokenVerifier = (token: string) => VerifiedToken | null

export interface TokenVerifierOptions {
  /** One per shared secret; any may verify. */
  readonly verifiers: readonly ((input: string, signature: string) => boolean)[]
  readonly digest: (text: string) => string
  /** Verified tokens remembered at once. */
  readonly max?: number
}

/**
 * Makes a verifier that remembers which tokens it has verified, by the digest of their exact bytes: that says "these bytes
 * were signed with a secret of ours" and nothing else. Expiry, revocation and every other claim are judged on each request
 * anew. Tokens that failed are not remembered, so that nobody can push good ones out with bad ones.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const verified = new LRUCache<string, VerifiedToken>({ max: options.max ?? 10_000 })
  return (token) => {
    const key = options.digest(token)
    const known = verified.get(key)
    if (known !== undefined) return known
    const fresh = verifyToken(token, options.verifiers)
    if (fresh !== null) verified.set(key, fresh)
    return fresh
  }
}
