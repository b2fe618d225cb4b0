import { LRUCache } from 'lru-cache'
import { atMost } from '../../memo.ts'
import type { Clock } from '../../clock.ts'
import type { RevocationEvent, RevocationHearer } from '../revocation/event.ts'

/** How an answer may be kept. */
export interface Keeping {
  /** Whose it is; null for nobody's: such answers cannot push others out. */
  readonly userId: string | null
  /** At most so long, milliseconds; 0: not at all. */
  readonly ms: number
  /** Never past this time, milliseconds since the epoch. */
  readonly untilMs: number
}

export interface AnswersOptions<Answer> {
  readonly clock: Clock
  readonly keep: (answer: Answer) => Keeping
  /** Answers held at once; the least recently used leaves first. */
  readonly max?: number
}

interface Entry<Answer> {
  readonly answer: Answer
  readonly userId: string | null
  readonly filledAtMs: number
  readonly staleAtMs: number
  readonly untilMs: number
}

/** How long what is doubted is believed while it is asked for anew, milliseconds. */
const doubtMs = 4000
const nobodysMax = 10_000

/**
 * Remembers what was answered about users, by key, and forgets it the moment something about the user changes. One
 * look-up per key is under way at a time; one that began before a change never stores what it found.
 */
export class Answers<Answer extends object | null> implements RevocationHearer {
  readonly #options: AnswersOptions<Answer>
  readonly #known: LRUCache<string, Entry<Answer>>
  readonly #nobodys: LRUCache<string, Entry<Answer>>
  readonly #keysByUser = new Map<string, Set<string>>()
  readonly #underWay = new Map<string, Promise<Answer>>()
  #generation = 0
  /** When it was last noticed that changes may have been missed, and when it was before that. */
  #doubtedAtMs = -Infinity
  #doubtedBeforeMs = -Infinity

  constructor(options: AnswersOptions<Answer>) {
    this.#options = options
    this.#known = new LRUCache({
      ...atMost(options.max ?? 100_000),
      dispose: ({ userId }, key) => {
        this.#unlink(userId, key)
      },
    })
    this.#nobodys = new LRUCache(atMost(nobodysMax))
  }

  peek(key: string): Answer | undefined {
    const entry = this.#known.get(key) ?? this.#nobodys.get(key)
    if (entry === undefined) return undefined
    const { clock } = this.#options
    const now = clock.monotonic()
    const isFresh = entry.staleAtMs > now && this.#isBelieved(entry, now)
    if (isFresh && entry.untilMs > clock.now()) return entry.answer
    this.#known.delete(key)
    this.#nobodys.delete(key)
    return undefined
  }

  find(key: string, read: () => Promise<Answer>): Promise<Answer> {
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const generation = this.#generation
    const fill = read()
      .then((answer) => {
        if (generation === this.#generation) this.#store(key, answer)
        return answer
      })
      .finally(() => {
        if (this.#underWay.get(key) === fill) this.#underWay.delete(key)
      })
    this.#underWay.set(key, fill)
    return fill
  }

  /** Drops whatever an event may have changed. */
  heard(event: RevocationEvent): void {
    switch (event.kind) {
      case 'user-changed':
      case 'user-revoked':
      case 'user-deleted':
        this.#nextGeneration()
        for (const key of [...(this.#keysByUser.get(event.userId) ?? [])]) this.#known.delete(key)
        break
      case 'everyone-revoked':
      case 'everything-changed':
        this.clear()
        break
      case 'session-revoked':
      case 'session-changed':
    }
  }

  /**
   * Something may have been missed: what is remembered counts for a moment more, because whoever could be asked may be away
   * too; what was doubted before is not believed any more.
   */
  doubt(): void {
    this.#nextGeneration()
    this.#nobodys.clear()
    this.#doubtedBeforeMs = this.#doubtedAtMs
    this.#doubtedAtMs = this.#options.clock.monotonic()
  }

  /** Forgets everything: something has changed, and nobody can tell what. */
  clear(): void {
    this.#nextGeneration()
    this.#known.clear()
    this.#nobodys.clear()
  }

  #isBelieved({ filledAtMs }: Entry<Answer>, now: number): boolean {
    if (filledAtMs > this.#doubtedAtMs) return true
    return filledAtMs > this.#doubtedBeforeMs && now < this.#doubtedAtMs + doubtMs
  }

  #store(key: string, answer: Answer): void {
    const { clock, keep } = this.#options
    const { userId, ms, untilMs } = keep(answer)
    if (ms <= 0) return
    const now = clock.monotonic()
    const entry = { answer, userId, untilMs, filledAtMs: now, staleAtMs: now + ms }
    if (userId === null) {
      this.#nobodys.set(key, entry)
      return
    }
    this.#known.set(key, entry)
    const keys = this.#keysByUser.get(userId)
    if (keys === undefined) this.#keysByUser.set(userId, new Set([key]))
    else keys.add(key)
  }

  /** Whoever asks from now on must not be handed an answer that was read before. */
  #nextGeneration(): void {
    this.#generation += 1
    this.#underWay.clear()
  }

  #unlink(userId: string | null, key: string): void {
    if (userId === null) return
    const keys = this.#keysByUser.get(userId)
    keys?.delete(key)
    if (keys?.size === 0) this.#keysByUser.delete(userId)
  }
}
