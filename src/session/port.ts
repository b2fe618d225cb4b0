import type { ApiKeyAnswer } from '../authn/api-key.ts'
import type { Session, User } from '../authn/principal.ts'
import type { SessionProof } from '../authn/sessions.ts'

/**
 * What the gateway needs to know of Better Auth, and nothing more. Every method rejects when the answer
 * cannot be known (database away, schema missing): that is a 503, never a "no".
 */
export interface SessionSource {
  /** The live session of this token, or null when it does not exist or has expired. A ban is said in `user.banned`. */
  findByToken(token: string, proof?: SessionProof): Promise<Session | null>
  /** The same by `session.id`. Without a proof only what this process has been shown before can be asked about elsewhere. */
  findById(sessionId: string, proof?: SessionProof): Promise<Session | null>
  /**
   * Extends the session if its sliding refresh is due.
   * @param cookieHeader exactly the Better Auth cookies that belong to the session, nothing else
   * @param address the client's
   * @returns the session as it now is with the `Set-Cookie` values the browser must get, or null when it is gone
   */
  refresh(cookieHeader: string, address?: string): Promise<RefreshedSession | null>
}

export interface RefreshedSession {
  readonly session: Session
  readonly setCookies: readonly string[]
}

/** Users by id. Rejects when the answer cannot be known. */
export interface UserSource {
  /** null: there is no such user. A ban is said in `banned`. */
  findUser(userId: string): Promise<User | null>
}

/** API keys. Rejects when the answer cannot be known. */
export interface ApiKeySource {
  /** Uses a key once, which is counted where the key has a limit of its own. */
  verify(apiKey: string): Promise<FoundApiKey>
}

export interface FoundApiKey {
  readonly answer: ApiKeyAnswer
  /** Whose key it is; null for nobody's. */
  readonly ownerId: string | null
  /** Milliseconds since the epoch; Infinity for a key that does not expire. */
  readonly expiresAtMs: number
  /** Every use of it has to be counted: the answer holds for one request. */
  readonly isMetered: boolean
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
  /** Whatever was issued for the user until now no longer counts: signed out everywhere, banned, another password. */
  userRevoked(event: { readonly userId: string }): void
  /** The user is gone. */
  userDeleted(event: { readonly userId: string }): void
  /** All sessions have ended, and whatever was issued for anybody until now no longer counts. */
  everyoneRevoked(): void
  /** Something has changed, and it cannot be told what. */
  everythingChanged(): void
}

const ignore = (): void => undefined

/** For commands that change nothing which somebody might have cached. */
export const deaf: RevocationListener = {
  sessionRevoked: ignore,
  sessionChanged: ignore,
  userChanged: ignore,
  userRevoked: ignore,
  userDeleted: ignore,
  everyoneRevoked: ignore,
  everythingChanged: ignore,
}
