import { LRUCache } from 'lru-cache'
import { atMost } from '../memo.ts'
import type { Session } from '../authn/principal.ts'
import { sessionIdKey, type SessionProof, type Sessions } from '../authn/sessions.ts'
import type { Clock } from '../clock.ts'
import type { SessionSource } from './port.ts'
import type { RevocationEvent, RevocationHearer } from './revocation/event.ts'

export interface SessionCacheOptions {
  readonly source: SessionSource
  readonly clock: Clock
  /** How long an answer may be reused from now on, milliseconds. */
  readonly ttlMs: () => number
  /** Whether a session is known to have been revoked, by `sid:` and its id or by the digest of its token. */
  readonly wasRevoked: (mark: string) => boolean
  /** Live sessions held at once; the least recently used leaves first. */
  readonly max?: number
}

interface Entry {
  readonly session: Session
  readonly filledAtMs: number
  readonly staleAtMs: number
}

const endedTtlMs = 2000
/** How long what was known before is still believed once revocations may be missed, milliseconds: with the time until that is noticed, less than 5 s. */
const doubtMs = 4000
const endedMax = 10_000

/**
 * Remembers sessions by digest of their credential, never past their expiry, and forgets them the moment Better Auth says
 * that something changed. One look-up per key is under way at a time. A look-up that began before a revocation never
 * stores what it found: `generation` has moved on (facts: the cache-fill race).
 */
export class SessionCache implements Sessions, RevocationHearer {
  readonly #options: SessionCacheOptions
  readonly #live: LRUCache<string, Entry>
  readonly #ended: LRUCache<string, number>
  readonly #keysBySession: Index = new Map()
  readonly #sessionsByUser: Index = new Map()
  readonly #underWay = new Map<string, Promise<Session | null>>()
  /** Look-ups that memory could answer, and that it could not. */
  hits = 0
  misses = 0
  #generation = 0
  /** When it was last noticed that revocations may have been missed, and when it was before that. */
  #doubtedAtMs = -Infinity
  #doubtedBeforeMs = -Infinity

  constructor(options: SessionCacheOptions) {
    this.#options = options
    this.#live = new LRUCache({
      ...atMost(options.max ?? 1_000_000),
      dispose: (entry, key) => {
        this.#unlink(entry.session, key)
      },
    })
    this.#ended = new LRUCache(atMost(endedMax))
  }

  peek(key: string): Session | null | undefined {
    const known = this.#peek(key)
    if (known === undefined) this.misses += 1
    else this.hits += 1
    return known
  }

  #peek(key: string): Session | null | undefined {
    const entry = this.#live.get(key)
    if (entry === undefined) return this.#peekEnded(key)
    const { clock } = this.#options
    const now = clock.monotonic()
    const isFresh = entry.staleAtMs > now && this.#isBelieved(entry, now)
    if (isFresh && entry.session.expiresAtMs > clock.now()) return entry.session
    this.#live.delete(key)
    return undefined
  }

  findByToken(key: string, token: string, proof?: SessionProof): Promise<Session | null> {
    return this.#find(key, () => this.#options.source.findByToken(token, proof))
  }

  findById(key: string, sessionId: string, proof?: SessionProof): Promise<Session | null> {
    return this.#find(key, () => this.#options.source.findById(sessionId, proof))
  }

  wasRevoked(mark: string): boolean {
    return this.#options.wasRevoked(mark)
  }

  /** Drops whatever an event may have changed. */
  heard(event: RevocationEvent): void {
    switch (event.kind) {
      case 'session-revoked':
      case 'session-changed':
        this.#invalidate(event.sessionId)
        break
      case 'user-changed':
      case 'user-revoked':
      case 'user-deleted':
        this.#nextGeneration()
        for (const id of linked(this.#sessionsByUser, event.userId)) this.#invalidate(id)
        break
      case 'everyone-revoked':
      case 'everything-changed':
        this.clear()
    }
  }

  /**
   * Revocations may be missed from now on, or may have been until now. What is known is believed for 4 s more, so that nobody is sent away at once while the database is away
   * too; what was doubted before is not believed any more.
   */
  doubt(): void {
    this.#nextGeneration()
    this.#ended.clear()
    this.#doubtedBeforeMs = this.#doubtedAtMs
    this.#doubtedAtMs = this.#options.clock.monotonic()
  }

  /** Forgets everything: something has changed, and nobody can tell what. */
  clear(): void {
    this.#nextGeneration()
    this.#live.clear()
    this.#ended.clear()
  }

  /** Live entries held; two credentials of one session count twice. */
  get size(): number {
    return this.#live.size
  }

  #isBelieved({ filledAtMs }: Entry, now: number): boolean {
    if (filledAtMs > this.#doubtedAtMs) return true
    return filledAtMs > this.#doubtedBeforeMs && now < this.#doubtedAtMs + doubtMs
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
    const filledAtMs = clock.monotonic()
    this.#live.set(key, { session, filledAtMs, staleAtMs: filledAtMs + ttlMs() })
    link(this.#keysBySession, session.id, key)
    link(this.#sessionsByUser, session.user.id, session.id)
  }

  #invalidate(sessionId: string): void {
    this.#nextGeneration()
    for (const key of linked(this.#keysBySession, sessionId)) this.#live.delete(key)
    this.#live.delete(sessionIdKey(sessionId))
  }

  /** Whoever asks from now on must not be handed an answer that was read before. */
  #nextGeneration(): void {
    this.#generation += 1
    this.#underWay.clear()
  }

  #unlink(session: Session, key: string): void {
    if (!cut(this.#keysBySession, session.id, key)) return
    cut(this.#sessionsByUser, session.user.id, session.id)
  }
}

/** Most have one: a `Set` for each would be a fifth of what a session costs. */
type Index = Map<string, string | Set<string>>

function linked(index: Index, from: string): readonly string[] {
  const known = index.get(from) ?? []
  return typeof known === 'string' ? [known] : [...known]
}

function link(index: Index, from: string, to: string): void {
  const known = index.get(from)
  if (known === undefined) index.set(from, to)
  else if (typeof known !== 'string') known.add(to)
  else if (known !== to) index.set(from, new Set([known, to]))
}

/** Returns whether that was the last. */
function cut(index: Index, from: string, to: string): boolean {
  const known = index.get(from)
  if (known === undefined) return false
  if (typeof known !== 'string') {
    known.delete(to)
    if (known.size > 0) return false
  } else if (known !== to) return false
  index.delete(from)
  return true
}
