import type { BreakerConfig } from '../config/types.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** The window slides in steps of a tenth of itself. */
const bucketCount = 10

/**
 * Stops calling an upstream whose requests fail. Closed, it counts how exchanges end in a sliding window; open, it refuses;
 * after `openMs` one request may try, and decides. One that takes longer than `openMs` to decide lets another one try.
 *
 * Time is handed in: monotonic milliseconds. Nothing here waits or allocates, because every request passes.
 */
export class Breaker {
  readonly #config: BreakerConfig
  readonly #bucketMs: number
  readonly #onChange: (state: BreakerState) => void
  readonly #requests = new Uint32Array(bucketCount)
  readonly #failures = new Uint32Array(bucketCount)
  /** The number of the newest bucket, counted from the clock's zero. */
  #newest = 0
  #requestsInWindow = 0
  #failuresInWindow = 0
  #state: BreakerState = 'closed'
  /** While it is not closed: when the next request may try. */
  #nextTryAt = 0
  #period = 0

  constructor(config: BreakerConfig, onChange: (state: BreakerState) => void) {
    this.#config = config
    this.#bucketMs = config.windowMs / bucketCount
    this.#onChange = onChange
  }

  get state(): BreakerState {
    return this.#state
  }

  /**
   * Changes whenever the breaker opens or closes. An exchange is judged by the period in which it began: what was sent
   * before an outage and fails after it says nothing about now.
   */
  get period(): number {
    return this.#period
  }

  /** Whether a request may go ahead. Where this opens the way for a try, exactly one caller hears yes. */
  admits(now: number): boolean {
    if (this.#state === 'closed') return true
    if (now < this.#nextTryAt) return false
    this.#nextTryAt = now + this.#config.openMs
    if (this.#state === 'open') this.#become('half-open')
    return true
  }

  /** Milliseconds until it may be worth to ask again. */
  retryAfterMs(now: number): number {
    return Math.max(0, this.#nextTryAt - now)
  }

  /** An exchange that began in `period` was answered, or failed. */
  judge(period: number, hasFailed: boolean, now: number): void {
    if (period !== this.#period) return
    if (this.#state === 'closed') this.#count(hasFailed, now)
    else if (hasFailed) this.#open(now)
    else this.#close()
  }

  /** An exchange that began in `period` ended without telling anything: the client left. Another one may try. */
  abandon(period: number, now: number): void {
    if (period === this.#period && this.#state === 'half-open') this.#nextTryAt = now
  }

  #count(hasFailed: boolean, now: number): void {
    this.#slide(now)
    const index = this.#newest % bucketCount
    this.#requests[index] = (this.#requests[index] ?? 0) + 1
    this.#requestsInWindow += 1
    if (!hasFailed) return
    this.#failures[index] = (this.#failures[index] ?? 0) + 1
    this.#failuresInWindow += 1
    const { minimum, errors } = this.#config
    const isEnough = this.#requestsInWindow >= minimum
    if (isEnough && this.#failuresInWindow >= errors * this.#requestsInWindow) this.#open(now)
  }

  #slide(now: number): void {
    const current = Math.floor(now / this.#bucketMs)
    if (current === this.#newest) return
    if (current - this.#newest >= bucketCount) this.#empty()
    else {
      for (let bucket = this.#newest + 1; bucket <= current; bucket += 1) {
        const index = bucket % bucketCount
        this.#requestsInWindow -= this.#requests[index] ?? 0
        this.#failuresInWindow -= this.#failures[index] ?? 0
        this.#requests[index] = 0
        this.#failures[index] = 0
      }
    }
    this.#newest = current
  }

  #empty(): void {
    this.#requests.fill(0)
    this.#failures.fill(0)
    this.#requestsInWindow = 0
    this.#failuresInWindow = 0
  }

  #open(now: number): void {
    this.#period += 1
    this.#nextTryAt = now + this.#config.openMs
    this.#become('open')
  }

  #close(): void {
    this.#period += 1
    this.#empty()
    this.#become('closed')
  }

  #become(state: BreakerState): void {
    this.#state = state
    this.#onChange(state)
  }
}
