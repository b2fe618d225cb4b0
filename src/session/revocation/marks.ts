import { LRUCache } from 'lru-cache'
import { atMost } from '../../memo.ts'
import type { RevocationEvent, RevocationHearer } from './event.ts'

/** What a token says of itself, as far as marks are concerned. */
export interface Marked {
  readonly userId: string
  readonly sessionId: string | null
  /** Seconds since the epoch, as `iat` says; null where the token does not say. */
  readonly issuedAt: number | null
}

export interface MarksOptions {
  /** How long a mark is of use: no token lives longer, milliseconds. */
  readonly keepMs: number
  /** Wall clock, milliseconds. */
  readonly now: () => number
  readonly max?: number
}

/**
 * What has been revoked, for tokens that nobody can be asked about: sessions by id or by digest of their token, and users with the time
 * before which nothing that was issued for them counts.
 */
export class RevocationMarks implements RevocationHearer {
  readonly #options: MarksOptions
  readonly #sessions: LRUCache<string, number>
  /** Of all users; never forgotten for others. */
  #everyone: Mark | null = null
  readonly #users: LRUCache<string, Mark>

  constructor(options: MarksOptions) {
    this.#options = options
    const max = options.max ?? 500_000
    this.#sessions = new LRUCache(atMost(max))
    this.#users = new LRUCache(atMost(max))
  }

  /** @param atMs when it was said, milliseconds since the epoch */
  heard(event: RevocationEvent, atMs: number): void {
    switch (event.kind) {
      case 'session-revoked':
        this.#sessions.set(`sid:${event.sessionId}`, atMs)
        if (event.tokenDigest !== null) this.#sessions.set(event.tokenDigest, atMs)
        break
      case 'user-revoked':
        this.#revokeUser(event.userId, event.beforeMs, atMs)
        break
      case 'user-deleted':
        // Nothing can be issued for somebody who is gone, whatever a clock says.
        this.#revokeUser(event.userId, Infinity, atMs)
        break
      case 'everyone-revoked':
        this.#everyone = later(this.#everyone, { beforeMs: event.beforeMs, atMs })
        break
      case 'session-changed':
      case 'user-changed':
      case 'everything-changed':
    }
  }

  /** Whether a session is known to have been revoked. @param mark `sid:` with its id, or the digest of its token */
  wasRevoked(mark: string): boolean {
    const atMs = this.#sessions.get(mark)
    return atMs !== undefined && atMs > this.#options.now() - this.#options.keepMs
  }

  /**
   * Whether a token no longer counts: its session was revoked, or it was issued in or before the second in which its user's tokens were, or does not say
   * when it was issued while there is such a mark.
   */
  isRevoked({ userId, sessionId, issuedAt }: Marked): boolean {
    if (sessionId !== null && this.wasRevoked(`sid:${sessionId}`)) return true
    const mark = this.#markOf(userId)
    if (mark === null) return false
    // `iat` has whole seconds: a token of the same second may be older than the mark.
    return issuedAt === null || issuedAt * 1000 <= mark.beforeMs
  }

  /** Whether something that was issued for the user has been revoked as a whole. */
  hasMark(userId: string): boolean {
    return this.#markOf(userId) !== null
  }

  #markOf(userId: string): Mark | null {
    const since = this.#options.now() - this.#options.keepMs
    const marks = [this.#users.get(userId) ?? null, this.#everyone]
    return marks
      .filter((mark) => mark !== null && mark.atMs > since)
      .reduce((one, other) => later(one, other), null)
  }

  #revokeUser(userId: string, beforeMs: number, atMs: number): void {
    const known = this.#users.get(userId) ?? null
    this.#users.set(userId, later(known, { beforeMs, atMs }))
  }
}

interface Mark {
  readonly beforeMs: number
  readonly atMs: number
}

/** A mark that says what both say. */
function later(one: Mark | null, other: Mark): Mark
function later(one: Mark | null, other: Mark | null): Mark | null
function later(one: Mark | null, other: Mark | null): Mark | null {
  if (one === null || other === null) return one ?? other
  return {
    beforeMs: Math.max(one.beforeMs, other.beforeMs),
    atMs: Math.max(one.atMs, other.atMs),
  }
}
