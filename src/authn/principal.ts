/** Who is calling, and how we know. The only shape in which identity travels along the road. */
export type Principal = SessionPrincipal | BearerPrincipal | ApiKeyPrincipal

/** Proven by a Better Auth session: its cookie, its signed token, or a token that was issued from it. */
export interface SessionPrincipal {
  readonly kind: 'session'
  /**
   * What decided: the cookie (needs a same-origin proof for unsafe methods), something in `Authorization`, or a ticket that was made from the cookie, and asked for by
   * the page that shows it. A ticket that was made from a token is `bearer`.
   */
  readonly via: 'cookie' | 'bearer' | 'ticket'
  readonly userId: string
  readonly session: Session
}

/** Proven by a token of another signer; there is no session behind it. */
export interface BearerPrincipal {
  readonly kind: 'bearer'
  readonly userId: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
  /** It travels on as it came: FastAPI shares its secret. Otherwise an assertion of ours takes its place. */
  readonly passesOn: boolean
  /** What the token says and the configuration lets count. */
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** The Better Auth user of that id, where one was looked for. */
  readonly user: User | null
}

/** Proven by an API key of Better Auth, whose owner exists. */
export interface ApiKeyPrincipal {
  readonly kind: 'apiKey'
  readonly userId: string
  readonly keyId: string
  readonly user: User
  /** The key's permissions as `resource:action`. */
  readonly scopes: readonly string[]
  /** Milliseconds since the epoch; left out: the key does not expire. */
  readonly expiresAtMs?: number
}

/** A live Better Auth session with its user, without its token. Times are milliseconds since the epoch. */
export interface Session {
  /** Better Auth's `session.id`; never its token. */
  readonly id: string
  /** When its owner signed in. */
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** When the sliding refresh is due; Infinity where the session never slides. */
  readonly refreshAtMs: number
  readonly user: User
  /** The id of the administrator who acts in this user's name, or null. */
  readonly impersonatedBy: string | null
  /** The organisation that is active, with the user's role in it as it is now; null without one, or where the user is no member. */
  readonly organization: { readonly id: string; readonly role: string } | null
}

export interface User {
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
  readonly image: string | null
  /** Several are separated by commas, as Better Auth's admin plugin has it. */
  readonly role: string | null
  /** Better Auth's admin plugin bans users; false where that plugin is absent or the ban has run out. */
  readonly banned: boolean
  /** What FastAPI's own table calls this user, where that differs from `id`; never set by users themselves. */
  readonly externalId: string | null
  /** Further fields that plugins or `additionalFields` have added, as text. */
  readonly fields: Readonly<Record<string, string>>
}

/** The Better Auth user behind a principal, or null where none was looked for. */
export function userOf(principal: Principal): User | null {
  return principal.kind === 'session' ? principal.session.user : principal.user
}
