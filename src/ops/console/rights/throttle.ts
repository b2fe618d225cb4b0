import { LRUCache } from 'lru-cache'

/** Wrong tokens of one address within a minute; after that it waits until the minute is over. */
const allowed = 10
const windowMs = 60_000

/** Who has been guessing. A token of 32 random bytes is not found in this way; what this saves is the log and the processor. */
export class Throttle {
  readonly #now: () => number
  /** Addresses that a client can choose from are many: the oldest are forgotten. */
  readonly #wrong = new LRUCache<string, { count: number; readonly sinceMs: number }>({ max: 1000 })

  /** @param now monotonic, milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** For how many seconds nothing more is compared for an address; 0: it may try. */
  waitSeconds(address: string): number {
    const known = this.#wrong.get(address)
    if (known === undefined || known.count < allowed) return 0
    return Math.max(0, Math.ceil((known.sinceMs + windowMs - this.#now()) / 1000))
  }

  wrong(address: string): void {
    const now = this.#now()
    const known = this.#wrong.get(address)
    if (known === undefined || known.sinceMs + windowMs <= now) {
      this.#wrong.set(address, { count: 1, sinceMs: now })
    } else known.count += 1
  }
}
