import type { Session } from '../authn/principal.ts'
import type { Clock } from '../clock.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { Groups } from './list/groups.ts'
import { Lately } from './lately.ts'
import { toListing } from './list/listing.ts'
import type { LiveConnection, LiveConnections, LiveListing } from './port.ts'
import { Questions } from './questions.ts'

export interface LiveRegistryDeps {
  readonly clock: Clock
  /** How many one client may have open; read at every `add`, so that a reload changes it. */
  readonly perClient: () => number
  /**
   * Whether a session is known to have been revoked: its stream may only begin a while after it was admitted. `userId` only where the session is gone: all of
   * that user's may have been.
   */
  readonly wasRevoked: (sessionId: string, userId: string | null) => boolean
  /** The session as it is now, past any cache; null when it is gone. Rejects when that cannot be known. */
  readonly recheck: (sessionId: string) => Promise<Session | null>
}

interface Entry {
  readonly connection: LiveConnection
  readonly openedAtMs: number
  expiresAtMs: number
}

const sweepMs = 500
const keyChanged = 'The API key or its owner has changed. Connect again.'

/**
 * Every WebSocket and event stream that is open, by session, user and client. Ends them when their session does: at once when told,
 * and within a second when time is what ends it. A session that was extended meanwhile keeps them.
 */
export class LiveRegistry implements LiveConnections {
  readonly #deps: LiveRegistryDeps
  readonly #entries = new Set<Entry>()
  readonly #bySession = new Groups<Entry>()
  readonly #byUser = new Groups<Entry>()
  readonly #byClient = new Groups<Entry>()
  readonly #questions: Questions
  readonly #changedUsers: Lately
  readonly #changedSessions: Lately
  readonly #timer: NodeJS.Timeout
  #farewell: Refusal | null = null

  constructor(deps: LiveRegistryDeps) {
    this.#deps = deps
    this.#changedUsers = new Lately(deps.clock.monotonic)
    this.#changedSessions = new Lately(deps.clock.monotonic)
    this.#questions = new Questions({
      recheck: deps.recheck,
      monotonic: deps.clock.monotonic,
      onAnswer: (sessionId, session) => {
        this.#settle(sessionId, session)
      },
      onUnknown: (sessionId) => {
        this.#endExpired(sessionId)
      },
    })
    this.#timer = setInterval(() => {
      this.sweep()
    }, sweepMs)
    this.#timer.unref()
  }

  get size(): number {
    return this.#entries.size
  }

  /** What is open now. @param max of the list, not of its counts */
  list(max: number): LiveListing {
    return toListing(this.#entries, this.#byUser.size, max)
  }

  add(connection: LiveConnection): (() => void) | Refusal {
    const { sessionId } = connection
    if (sessionId !== null && this.#deps.wasRevoked(sessionId, null))
      return refuse('session_revoked')
    if (this.#byClient.count(connection.client) >= this.#deps.perClient()) {
      return refuse('overloaded')
    }
    const openedAtMs = this.#deps.clock.now()
    const entry: Entry = { connection, openedAtMs, expiresAtMs: connection.expiresAtMs }
    this.#entries.add(entry)
    this.#bySession.add(sessionId, entry)
    this.#byUser.add(connection.userId, entry)
    this.#byClient.add(connection.client, entry)
    if (sessionId !== null) this.#catchUp(connection, sessionId)
    // Whoever adds it is not done with it yet.
    if (this.#farewell !== null) {
      queueMicrotask(() => {
        this.closeAll(this.#farewell ?? refuse('shutting_down'))
      })
    }
    return () => {
      this.#remove(entry)
    }
  }

  closeBySession(sessionId: string, reason: Refusal): void {
    this.#questions.forget(sessionId)
    for (const entry of this.#bySession.of(sessionId)) this.#end(entry, reason)
  }

  closeByUser(userId: string, reason: Refusal): void {
    this.#changedUsers.note(userId)
    for (const entry of this.#byUser.of(userId)) this.#end(entry, reason)
  }

  /** Ends what tokens without a session hold open, if it was opened before a time (milliseconds since the epoch). */
  closeBearersOf(userId: string, beforeMs: number): void {
    for (const entry of this.#byUser.of(userId)) {
      if (entry.connection.sessionId !== null || entry.openedAtMs > beforeMs) continue
      this.#end(entry, refuse('session_revoked', { tokenPresented: true }))
    }
  }

  /** Ends everything that was opened before: all sessions and all bearers have been revoked. API keys may come again. */
  closeAllOf(beforeMs: number): void {
    for (const entry of [...this.#entries]) {
      if (entry.openedAtMs <= beforeMs) this.#end(entry, refuse('session_revoked'))
    }
  }

  /** Ends what API keys of a user hold open, or those of everybody: one of them may have been deleted, and whose key still counts may come again. */
  closeKeysOf(userId: string | null): void {
    for (const entry of userId === null ? [...this.#entries] : this.#byUser.of(userId)) {
      if (entry.connection.isByKey === true)
        this.#end(entry, refuse('api_key_invalid', { detail: keyChanged }))
    }
  }

  closeAll(reason: Refusal): void {
    this.#farewell = reason
    for (const entry of [...this.#entries]) this.#end(entry, reason)
  }

  extended(sessionId: string, expiresAtMs: number): void {
    for (const entry of this.#bySession.of(sessionId)) entry.expiresAtMs = expiresAtMs
  }

  /** The session changed but lives on: asks what it is like now, where somebody wants to know. */
  sessionChanged(sessionId: string): void {
    this.#changedSessions.note(sessionId)
    const entries = this.#bySession.of(sessionId)
    if (entries.some(({ connection }) => connection.onSession !== undefined)) {
      this.#questions.askAnew(sessionId, { canWait: true })
    }
  }

  /** Something about the user changed: asks whether the sessions that hold something open still may. */
  recheckUser(userId: string): void {
    this.#changedUsers.note(userId)
    this.#recheck(this.#byUser.of(userId))
  }

  /** Something may have been missed: asks after every session that holds something open. */
  recheckAll(): void {
    this.#changedUsers.note(null)
    this.#recheck([...this.#entries])
  }

  /** It was admitted a while ago: what has changed meanwhile, it was not there to hear. */
  #catchUp({ judge, onSession, userId }: LiveConnection, sessionId: string): void {
    const isTold = onSession !== undefined
    if ((judge !== null || isTold) && this.#changedUsers.has(userId)) this.#questions.ask(sessionId)
    else if (isTold && this.#changedSessions.has(sessionId)) {
      this.#questions.ask(sessionId, { canWait: true })
    }
  }

  #recheck(entries: readonly Entry[]): void {
    const sessions = new Set(entries.map(({ connection }) => connection.sessionId))
    for (const sessionId of sessions) {
      if (sessionId !== null) this.#questions.askAnew(sessionId)
    }
  }

  /** Ends what has expired; called by its own timer twice a second. */
  sweep(): void {
    const now = this.#deps.clock.now()
    for (const entry of this.#entries) {
      if (entry.expiresAtMs > now) continue
      const { sessionId } = entry.connection
      if (sessionId === null) this.#end(entry, refuse('token_expired', { tokenPresented: true }))
      else this.#questions.ask(sessionId)
    }
    this.#changedUsers.sweep()
    this.#changedSessions.sweep()
    for (const sessionId of this.#questions.tick()) {
      this.closeBySession(sessionId, refuse('session_store_unavailable'))
    }
  }

  /** Stops looking at the clock. What is open stays open. */
  close(): void {
    clearInterval(this.#timer)
  }

  #settle(sessionId: string, session: Session | null): void {
    if (session === null) this.#endGone(sessionId)
    else if (session.expiresAtMs <= this.#deps.clock.now()) {
      this.closeBySession(sessionId, refuse('session_expired'))
    } else if (session.user.banned) this.closeBySession(sessionId, refuse('user_banned'))
    else {
      for (const entry of this.#bySession.of(sessionId)) {
        const lost = entry.connection.judge?.(session) ?? null
        if (lost !== null) this.#end(entry, lost)
        else entry.connection.onSession?.(session)
      }
      this.extended(sessionId, session.expiresAtMs)
    }
  }

  #endGone(sessionId: string): void {
    for (const { connection } of this.#bySession.of(sessionId)) {
      const wasRevoked = this.#deps.wasRevoked(sessionId, connection.userId)
      this.closeBySession(sessionId, refuse(wasRevoked ? 'session_revoked' : 'session_expired'))
    }
  }

  /** It cannot be known whether the session lives: what was promised until now has run out. */
  #endExpired(sessionId: string): void {
    const now = this.#deps.clock.now()
    for (const entry of this.#bySession.of(sessionId)) {
      if (entry.expiresAtMs <= now) this.#end(entry, refuse('session_store_unavailable'))
    }
  }

  #end(entry: Entry, reason: Refusal): void {
    this.#remove(entry)
    entry.connection.end(reason)
  }

  #remove(entry: Entry): void {
    const { sessionId, userId, client } = entry.connection
    this.#entries.delete(entry)
    this.#bySession.remove(sessionId, entry)
    this.#byUser.remove(userId, entry)
    this.#byClient.remove(client, entry)
    if (sessionId !== null && this.#bySession.count(sessionId) === 0) {
      this.#questions.forget(sessionId)
    }
  }
}
