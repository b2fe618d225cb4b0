import type { Session } from '../authn/principal.ts'
import type { Refusal } from '../errors/refusal.ts'

/** A WebSocket or an event stream that is open, and whose it is. */
export interface LiveConnection {
  readonly kind: 'websocket' | 'event-stream'
  /** The client's address, as `FrontLimits` counts it. */
  readonly client: string
  readonly userId: string | null
  readonly sessionId: string | null
  /** Name of the route; left out: an endpoint of ours. */
  readonly route?: string
  /** An API key holds it open, which is asked for by whoever brings it and by nobody else. */
  readonly isByKey?: boolean
  /** When its credential ends: milliseconds since the epoch, Infinity where nobody is known. */
  readonly expiresAtMs: number
  /** What speaks against it now that its session is like this, or null: a role that was lost, an organisation that was left. */
  readonly judge: ((session: Session) => Refusal | null) | null
  /** Is told its session as it is now, whenever it has been asked after and goes on: after a change of it or of its user, and often without one. */
  readonly onSession?: (session: Session) => void
  /** Tells the client why (`session_revoked`, `session_expired`, `token_expired`, `user_banned`, `shutting_down`, …) and ends. Called once. */
  readonly end: (reason: Refusal) => void
}

/** The one list of what is open. */
export interface LiveConnections {
  /** Returns what takes it off the list again, `overloaded` when the client has too many open, `session_revoked` when its session has ended meanwhile. */
  add(connection: LiveConnection): (() => void) | Refusal
  closeBySession(sessionId: string, reason: Refusal): void
  closeByUser(userId: string, reason: Refusal): void
  closeAll(reason: Refusal): void
  /** A session lives longer than was thought. */
  extended(sessionId: string, expiresAtMs: number): void
  readonly size: number
}

/** Some of what is open, for people. */
export interface LiveListing {
  readonly total: number
  /** How many users there are that have something open. */
  readonly users: number
  readonly kinds: Readonly<Record<LiveConnection['kind'], number>>
  /** The newest first. */
  readonly shown: readonly LiveView[]
}

export interface LiveView extends Pick<LiveConnection, 'kind' | 'client' | 'userId' | 'sessionId'> {
  readonly route: string | null
  readonly isByKey: boolean
  /** Milliseconds since the epoch. */
  readonly openedAtMs: number
  /** null: it does not end by time. */
  readonly expiresAtMs: number | null
}
