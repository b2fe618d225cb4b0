/**
 * A value of the principal that may be shown to FastAPI. Besides those that are listed, `user.<name>` is a field that
 * Better Auth's own configuration adds to its users.
 */
export type IdentitySource =
  | 'user.id'
  | 'user.email'
  | 'user.name'
  | 'user.role'
  | 'user.image'
  | 'user.externalId'
  | 'session.id'
  | 'session.organizationId'
  | 'session.organizationRole'
  | 'session.impersonatedBy'
  | UserField

export type UserField = `user.${string}`

export interface IdentityConfig {
  /** Header name, as written, to source. `X-User-Id` is always among them and always `user.id`. */
  readonly headers: readonly { readonly name: string; readonly source: IdentitySource }[]
  /** null: no token is issued (`token: none`). */
  readonly token: TokenConfig | null
}

/** The dialects that have a name; each is a `TokenDialect`. */
export type TokenProfile = 'default' | 'fastapi-users' | 'realworld' | 'custom'

/** What of the token an application's own decoder is particular about. */
export interface TokenDialect {
  /** What stands before the token in `Authorization`. */
  readonly scheme: string
  /** The claim that says who is calling. */
  readonly subjectClaim: string
  /** `iss`; null: there is none. */
  readonly issuer: string | null
  /** `aud`, as it is written: a text or a list. null: there is none. */
  readonly audience: string | readonly string[] | null
  /** Registered claims besides `exp`, which is always there. */
  readonly standardClaims: readonly StandardClaim[]
  /** Claims that are the same for everybody. */
  readonly constants: Readonly<Record<string, ClaimValue>>
}

export type StandardClaim = 'iat' | 'nbf' | 'sid' | 'jti'

export interface TokenConfig extends TokenDialect {
  readonly profile: TokenProfile
  readonly ttlMs: number
  /** What of the user names them to FastAPI. Never something that users choose freely. */
  readonly subject: UserField
  /** Additional claims by name. */
  readonly claims: readonly ClaimConfig[]
}

export interface ClaimConfig {
  readonly name: string
  readonly source: IdentitySource
  /** How the value is written: as it is, as a number, or split at its commas. */
  readonly as: ClaimForm
}

export type ClaimForm = 'text' | 'integer' | 'list'
export type ClaimValue = string | number | boolean | readonly string[]
