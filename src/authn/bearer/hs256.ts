import { LRUCache } from 'lru-cache'
import { atMost } from '../../memo.ts'
import { readObject, splitJws } from './jws.ts'

/** The claims of a JWS whose signature and shape have been checked; their meaning has not. */
export interface VerifiedToken {
  readonly type: string
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Verifies a compact JWS signed with HS256 (RFC 7515 §5.2, RFC 8725 §3.1: the algorithm is ours to choose, not the
 * token's). Returns null for anything else: another `alg`, whatever `splitJws` refuses, a signature that no secret explains, claims
 * that are no JSON object.
 *
 * Not checked: every claim, including `exp`.
 */
export function verifyToken(
  token: string,
  verifiers: readonly ((input: string, signature: string) => boolean)[],
): VerifiedToken | null {
  const jws = splitJws(token)
  if (jws?.algorithm !== 'HS256') return null
  const { type, input, payload, signature } = jws
  if (!verifiers.some((verify) => verify(input, signature))) return null
  const claims = readObject(payload)
  return claims === null ? null : { type, claims }
}

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
  const verified = new LRUCache<string, VerifiedToken>(atMost(options.max ?? 10_000))
  return (token) => {
    const key = options.digest(token)
    const known = verified.get(key)
    if (known !== undefined) return known
    const fresh = verifyToken(token, options.verifiers)
    if (fresh !== null) verified.set(key, fresh)
    return fresh
  }
}
