import { LRUCache } from 'lru-cache'
import { atMost } from '../../memo.ts'
import type { TicketStore } from '../../authn/ticket/store.ts'

interface Kept {
  readonly value: string
  readonly untilMs: number
}

/** Tickets of one process. @param now wall clock, milliseconds */
export class MemoryTickets implements TicketStore {
  readonly #now: () => number
  readonly #kept: LRUCache<string, Kept>

  constructor(now: () => number, max = 100_000) {
    this.#now = now
    this.#kept = new LRUCache(atMost(max))
  }

  put(digest: string, value: string, ttlMs: number): Promise<void> {
    this.#kept.set(digest, { value, untilMs: this.#now() + ttlMs })
    return Promise.resolve()
  }

  take(digest: string): Promise<string | null> {
    const kept = this.#kept.get(digest)
    this.#kept.delete(digest)
    const isGood = kept !== undefined && kept.untilMs > this.#now()
    return Promise.resolve(isGood ? kept.value : null)
  }
}
