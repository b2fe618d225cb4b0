import type { Session } from '../authn/principal.ts'
import type { Clock } from '../clock.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { RevocationListener } from '../session/port.ts'
import type { LiveConnection, LiveConnections } from './port.ts'

export interface LiveRegistryDeps {
  readonly clock: Clock
  /** How many one client may have open; read at every `add`, so that a reload changes it. */
  readonly perClient: () => number
  /** Whether a session is known to have been revoked: its stream may only begin a while after it was admitted. */
  readonly wasRevoked: (sessionId: string) => boolean
  /** The session as it is now, past any cache; null when it is gone. Rejects when that cannot be known. */
  readonly recheck: (sessionId: string) => Promise<Session | null>
}

interface Entry {
  readonly connection: LiveConnection
  expiresAtMs: number
}

interface Question {
  readonly askedAtMs: number
  isUnderWay: boolean
}

const sweepMs = 500
/** How long it may stay unknown whether a session still lives, milliseconds. */
const patienceMs = 5000

/**
 * Every WebSocket and event stream that is open, by session, user and client. Ends them when their session does: at once when told,
 * and within a second when time is what ends it. A session that was extended meanwhile keeps them.
 */
export class LiveRegistry implements LiveConnections {
  readonly #deps: LiveRegistryDeps
  readonly #entries = new Set<Entry>()
  readonly #bySession = new Index()
  readonly #byUser = new Index()
  readonly #byClient = new Index()
  readonly #questions = new Map<string, Question>()
  readonly #timer: NodeJS.Timeout
  #farewell: Refusal | null = null

  constructor(deps: LiveRegistryDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => {
      this.sweep()
    }, sweepMs)
    this.#timer.unref()
  }

  get size(): number {
    return this.#entries.size
  }

  add(connection: LiveConnection): (() => void) | Refusal {
    const { sessionId } = connection
    if (sessionId !== null && this.#deps.wasRevoked(sessionId)) return refuse('session_revoked')
    if (this.#byClient.count(connection.client) >= this.#deps.perClient()) {
      return refuse('overloaded')
    }
    const entry: Entry = { connection, expiresAtMs: connection.expiresAtMs }
    this.#entries.add(entry)
    this.#bySession.add(sessionId, entry)
    this.#byUser.add(connection.userId, entry)
    this.#byClient.add(connection.client, entry)
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
    this.#questions.delete(sessionId)
    for (const entry of this.#bySession.of(sessionId)) this.#end(entry, reason)
  }

  closeByUser(userId: string, reason: Refusal): void {
    for (const entry of this.#byUser.of(userId)) this.#end(entry, reason)
  }

  closeAll(reason: Refusal): void {
    this.#farewell = reason
    for (const entry of [...this.#entries]) this.#end(entry, reason)
  }

  extended(sessionId: string, expiresAtMs: number): void {
    for (const entry of this.#bySession.of(sessionId)) entry.expiresAtMs = expiresAtMs
  }

  /** Something about the user changed: asks whether the sessions that hold something open still may. */
  recheckUser(userId: string): void {
    const sessions = new Set(this.#byUser.of(userId).map(({ connection }) => connection.sessionId))
    for (const sessionId of sessions) {
      if (sessionId === null) continue
      // What is being looked up may be older than the change.
      this.#questions.delete(sessionId)
      this.#ask(sessionId)
    }
  }

  /** Ends what has expired; called by its own timer twice a second. */
  sweep(): void {
    const now = this.#deps.clock.now()
    for (const entry of this.#entries) {
      if (entry.expiresAtMs > now) continue
      const { sessionId } = entry.connection
      if (sessionId === null) this.#end(entry, refuse('token_expired', { tokenPresented: true }))
      else this.#ask(sessionId)
    }
    const since = this.#deps.clock.monotonic() - patienceMs
    for (const [sessionId, question] of this.#questions) {
      if (question.askedAtMs <= since) {
        this.closeBySession(sessionId, refuse('session_store_unavailable'))
      } else this.#ask(sessionId)
    }
  }

  /** Stops looking at the clock. What is open stays open. */
  close(): void {
    clearInterval(this.#timer)
  }

  #ask(sessionId: string): void {
    const known = this.#questions.get(sessionId)
    if (known?.isUnderWay === true) return
    const askedAtMs = known?.askedAtMs ?? this.#deps.clock.monotonic()
    const question: Question = { askedAtMs, isUnderWay: true }
    this.#questions.set(sessionId, question)
    this.#deps.recheck(sessionId).then(
      (session) => {
        // An answer to a question that nobody asks any more may be older than what was said since.
        if (this.#questions.get(sessionId) !== question) return
        this.#questions.delete(sessionId)
        this.#settle(sessionId, session)
      },
      () => {
        question.isUnderWay = false
        this.#endExpired(sessionId)
      },
    )
  }

  #settle(sessionId: string, session: Session | null): void {
    if (session === null || session.expiresAtMs <= this.#deps.clock.now()) {
      this.closeBySession(sessionId, refuse('session_expired'))
    } else if (session.user.banned) this.closeBySession(sessionId, refuse('user_banned'))
    else this.extended(sessionId, session.expiresAtMs)
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
      this.#questions.delete(sessionId)
    }
  }
}

/**
 * What Better Auth says about sessions and users, for what they hold open. A session that was extended is found out when it would
 * have expired, so that a change alone asks nothing.
 */
export function liveListener(live: LiveRegistry): RevocationListener {
  return {
    sessionRevoked: ({ sessionId }) => {
      live.closeBySession(sessionId, refuse('session_revoked'))
    },
    sessionChanged: () => undefined,
    userChanged: ({ userId }) => {
      live.recheckUser(userId)
    },
    userDeleted: ({ userId }) => {
      live.closeByUser(userId, refuse('session_revoked'))
    },
  }
}

/** Entries by one of their properties; those that have none are left out. */
class Index {
  readonly #entries = new Map<string, Set<Entry>>()

  add(key: string | null, entry: Entry): void {
    if (key === null) return
    const entries = this.#entries.get(key)
    if (entries === undefined) this.#entries.set(key, new Set([entry]))
    else entries.add(entry)
  }

  remove(key: string | null, entry: Entry): void {
    if (key === null) return
    const entries = this.#entries.get(key)
    entries?.delete(entry)
    if (entries?.size === 0) this.#entries.delete(key)
  }

  /** A copy: whoever ends an entry takes it off the list. */
  of(key: string): readonly Entry[] {
    return [...(this.#entries.get(key) ?? [])]
  }

  count(key: string): number {
    return this.#entries.get(key)?.size ?? 0
  }
}
