import type { Session } from './principal.ts'

/** What proves a session to a Better Auth that runs elsewhere: it knows a session by its cookie alone. */
export interface SessionProof {
  /** The value of the session cookie as it was presented: token and signature, percent-encoded. */
  readonly cookie: string
  /** The client's address, which is what the other side counts requests by; empty where nobody knows it. */
  readonly address: string
}

/**
 * What the readers may ask about sessions. `undefined` from `peek` means "not cached, ask `find`"; null means that the
 * session has ended. `find` rejects when the answer cannot be known.
 */
export interface Sessions {
  peek(key: string): Session | null | undefined
  /** By the token inside a session cookie whose signature has been checked. */
  findByToken(key: string, token: string, proof?: SessionProof): Promise<Session | null>
  findById(key: string, sessionId: string, proof?: SessionProof): Promise<Session | null>
  /** Whether the session under this key, or with this token or id, is known to have been revoked. */
  wasRevoked(mark: string): boolean
}

/** The cache key of a session by its id: the form in which our own bearer tokens name it. */
export function sessionIdKey(sessionId: string): string {
  return `sid:${sessionId}`
}
