/** Who is calling, and how we know. The only shape in which identity travels along the road. */
export type Principal = SessionPrincipal | BearerPrincipal

/** Proven by a Better Auth session: its cookie, or a token that was issued from it. */
export interface SessionPrincipal {
  readonly kind: 'session'
  /** What decided: the cookie (needs a same-origin proof for unsafe methods) or our own bearer. */
  readonly via: 'cookie' | 'bearer'
  readonly userId: string
  readonly session: Session
}

/** Proven by a foreign HS256 token signed with a shared secret; there is no session behind it. */
export interface BearerPrincipal {
  readonly kind: 'bearer'
  readonly userId: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** A live Better Auth session with its user, without its token. Times are milliseconds since the epoch. */
export interface Session {
  /** Better Auth's `session.id`; never its token. */
  readonly id: string
  readonly expiresAtMs: number
  /** When the sliding refresh is due; Infinity where the session never slides. */
  readonly refreshAtMs: number
  readonly user: User
}

export interface User {
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
  readonly image: string | null
  readonly role: string | null
  /** Better Auth's admin plugin bans users; false where that plugin is absent or the ban has run out. */
  readonly banned: boolean
}
