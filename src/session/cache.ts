import { LRUCache } from 'lru-cache'
import type { Session } from '../authn/principal.ts'
import { sessionIdKey, type Sessions } from '../authn/sessions.ts'
import type { Clock } from '../clock.ts'
import type { RevocationListener, SessionSource } from './port.ts'

export interface SessionCacheOptions {
  readonly source: SessionSource
  readonly clock: Clock
  /** How long an answer may be reused, milliseconds. */
  readonly ttlMs: number
  /** Live sessions held at once; the least recently used leaves first. */
  readonly max?: number
  readonly digest: (text: string) => string
}

interface Entry {
  readonly session: Session
  readonly staleAtMs: number
}

const endedTtlMs = 2000
const endedMax = 10_000
const revokedMax = 100_000

/**
 * Remembers sessions by digest of their credential, never past their expiry, and forgets them the moment Better Auth says
 * that something changed. One look-up per key is under way at a time. A look-up that began before a revocation never
 * stores what it found: `generation` has moved on (facts: the cache-fill race).
 */
export class SessionCache implements Sessions, RevocationListener {
  readonly #options: SessionCacheOptions
  readonly #live: LRUCache<string, Entry>
  readonly #ended: LRUCache<string, number>
  readonly #revoked: LRUCache<string, true>
  readonly #keysBySession = new Map<string, Set<string>>()
  readonly #sessionsByUser = new Map<string, Set<string>>()
  readonly #underWay = new Map<string, Promise<Session | null>>()
  #generation = 0

  constructor(options: SessionCacheOptions) {
    this.#options = options
    this.#live = new LRUCache({
      max: options.max ?? 1_000_000,
      dispose: (entry, key) => {
        this.#unlink(entry.session, key)
      },
    })
    this.#ended = new LRUCache({ max: endedMax })
    this.#revoked = new LRUCache({ max: revokedMax })
  }

  peek(key: string): Session | null | undefined {
    const entry = this.#live.get(key)
    if (entry === undefined) return this.#peekEnded(key)
    const { clock } = this.#options
    if (entry.staleAtMs > clock.monotonic() && entry.session.expiresAtMs > clock.now()) {
      return entry.session
    }
    this.#live.delete(key)
    return undefined
  }

  findByToken(key: string, token: string): Promise<Session | null> {
    return this.#find(key, () => this.#options.source.findByToken(token))
  }

  findById(key: string, sessionId: string): Promise<Session | null> {
    return this.#find(key, () => this.#options.source.findById(sessionId))
  }

  wasRevoked(mark: string): boolean {
    return this.#revoked.has(mark)
  }

  /** Drops what is cached of a session, for example because it was just extended. */
  sessionChanged(event: { readonly sessionId: string }): void {
    this.#invalidate(event.sessionId)
  }

  sessionRevoked(event: { readonly sessionId: string; readonly token: string }): void {
    this.#revoked.set(sessionIdKey(event.sessionId), true)
    this.#revoked.set(this.#options.digest(event.token), true)
    this.#invalidate(event.sessionId)
  }

  userChanged(event: { readonly userId: string }): void {
    this.#nextGeneration()
    for (const id of [...(this.#sessionsByUser.get(event.userId) ?? [])]) this.#invalidate(id)
  }

  userDeleted(event: { readonly userId: string }): void {
    this.userChanged(event)
  }

  /** Live entries held; two credentials of one session count twice. */
  get size(): number {
    return this.#live.size
  }

  #peekEnded(key: string): null | undefined {
    const staleAtMs = this.#ended.get(key)
    if (staleAtMs === undefined) return undefined
    if (staleAtMs > this.#options.clock.monotonic()) return null
    this.#ended.delete(key)
    return undefined
  }

  #find(key: string, read: () => Promise<Session | null>): Promise<Session | null> {
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const generation = this.#generation
    const fill = read()
      .then((session) => {
        if (generation === this.#generation) this.#store(key, session)
        return session
      })
      .finally(() => {
        if (this.#underWay.get(key) === fill) this.#underWay.delete(key)
      })
    this.#underWay.set(key, fill)
    return fill
  }

  #store(key: string, session: Session | null): void {
    const { clock, ttlMs } = this.#options
    if (session === null) {
      this.#ended.set(key, clock.monotonic() + endedTtlMs)
      return
    }
    this.#live.set(key, { session, staleAtMs: clock.monotonic() + ttlMs })
    link(this.#keysBySession, session.id, key)
    link(this.#sessionsByUser, session.user.id, session.id)
  }

  #invalidate(sessionId: string): void {
    this.#nextGeneration()
    for (const key of [...(this.#keysBySession.get(sessionId) ?? [])]) this.#live.delete(key)
    this.#live.delete(sessionIdKey(sessionId))
  }

  /** Whoever asks from now on must not be handed an answer that was read before. */
  #nextGeneration(): void {
    this.#generation += 1
    this.#underWay.clear()
  }

  #unlink(session: Session, key: string): void {
    const keys = this.#keysBySession.get(session.id)
    keys?.delete(key)
    if (keys?.size !== 0) return
    this.#keysBySession.delete(session.id)
    const sessions = this.#sessionsByUser.get(session.user.id)
    sessions?.delete(session.id)
    if (sessions?.size === 0) this.#sessionsByUser.delete(session.user.id)
  }
}

function link(index: Map<string, Set<string>>, from: string, to: string): void {
  const known = index.get(from)
  if (known === undefined) index.set(from, new Set([to]))
  else known.add(to)
}
