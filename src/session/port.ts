import type { Session } from '../authn/principal.ts'

/**
 * What the gateway needs to know of Better Auth, and nothing more. Every method rejects when the answer
 * cannot be known (database away, schema missing): that is a 503, never a "no".
 */
export interface SessionSource {
  /** The live session of this token, or null when it does not exist or has expired. A ban is said in `user.banned`. */
  findByToken(token: string): Promise<Session | null>
  /** The same by `session.id`. */
  findById(sessionId: string): Promise<Session | null>
  /**
   * Extends the session if its sliding refresh is due.
   * @param cookieHeader exactly the Better Auth cookies that belong to the session, nothing else
   * @returns the session as it now is with the `Set-Cookie` values the browser must get, or null when it is gone
   */
  refresh(cookieHeader: string): Promise<RefreshedSession | null>
}

export interface RefreshedSession {
  readonly session: Session
  readonly setCookies: readonly string[]
}

/** What Better Auth tells us when something that we may have cached changes. */
export interface RevocationListener {
  /** A session ended: sign-out, revocation, deletion. */
  sessionRevoked(event: {
    readonly sessionId: string
    readonly token: string
    readonly userId: string
  }): void
  /** A session changed but lives on (extended, other active organisation). */
  sessionChanged(event: { readonly sessionId: string; readonly userId: string }): void
  /** Something about the user changed: ban, role, e-mail, name. */
  userChanged(event: { readonly userId: string }): void
  /** The user is gone. */
  userDeleted(event: { readonly userId: string }): void
}
