/** Tokens and keys that clients may bring. */
export interface BearerConfig {
  /** The first signs, all verify. Never empty. */
  readonly secrets: readonly string[]
  readonly ttlMs: number
  readonly maxLifetimeMs: number
  readonly userClaim: string
  /** Claims whose values count as roles and scopes; null: none do. */
  readonly rolesClaim: string | null
  readonly scopesClaim: string | null
  readonly issuer: string | null
  readonly audience: string | null
  /** A token of another signer must name an existing user. */
  readonly requireUser: boolean
  /** Other issuers, each `issuer` once. */
  readonly jwks: readonly IssuerConfig[]
  /** Signed session tokens of Better Auth are bearer tokens. */
  readonly sessionTokens: boolean
  /** `x-api-key` is a credential. */
  readonly apiKeys: boolean
}

/** Somebody else whose tokens are accepted and upgraded. */
export interface IssuerConfig {
  /** Where its public keys are: an http(s) URL. */
  readonly url: string
  /** What `iss` must be, character by character. */
  readonly issuer: string
  /** What `aud` must be, or hold. */
  readonly audience: string
  /** Never empty, never symmetric. */
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly userClaim: string
  readonly rolesClaim: string | null
  readonly scopesClaim: string | null
  /** `sid` names a session of ours, with which the token dies. */
  readonly sessions: boolean
}

/** RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2. */
export type SignatureAlgorithm =
  | 'EdDSA'
  | 'Ed25519'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
