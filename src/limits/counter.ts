import { LRUCache } from 'lru-cache'
import { atMost } from '../memo.ts'

/** Where a key stands after one more request. */
export interface Count {
  /** Requests in the window, this one included. */
  readonly count: number
  /** Until the window ends, milliseconds; never negative. */
  readonly endsInMs: number
  /** Whether every gateway was counted; false where only this process was. */
  readonly isShared: boolean
}

/**
 * Counts requests by key in fixed windows: the first request opens a window, and what follows is counted in it until it ends. Around
 * the end of a window twice the limit may therefore pass in a short time.
 */
export interface Counter {
  /** Counts one more request; `done` is called exactly once and never with an error, at once or within the store's deadline. */
  add(key: string, windowMs: number, done: (count: Count) => void): void
}

interface Window {
  count: number
  endsAtMs: number
  /** Has requests in it that no other gateway knows of. */
  isOwn: boolean
}

const maxWindows = 100_000

/**
 * The windows of one process, in memory. Beyond 100,000 keys the one that was used longest ago is forgotten. No timers: a window that
 * has ended is found when its key comes again.
 */
export class LocalWindows implements Counter {
  readonly #windows = new LRUCache<string, Window>(atMost(maxWindows))
  readonly #monotonic: () => number

  /** @param monotonic milliseconds */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  add(key: string, windowMs: number, done: (count: Count) => void): void {
    done(this.count(key, windowMs))
  }

  /** Counts one more request of which only this process knows. */
  count(key: string, windowMs: number): Count {
    const now = this.#monotonic()
    const window = this.#find(key, now)
    if (window === null) {
      this.#windows.set(key, { count: 1, endsAtMs: now + windowMs, isOwn: true })
      return { count: 1, endsInMs: windowMs, isShared: false }
    }
    window.count += 1
    window.isOwn = true
    // A reload may have made windows shorter: nobody waits for the end of one that no longer exists.
    window.endsAtMs = Math.min(window.endsAtMs, now + windowMs)
    return { count: window.count, endsInMs: window.endsAtMs - now, isShared: false }
  }

  /**
   * Takes over what all gateways together have counted, so that the count goes on from there when they cannot be asked any more. A
   * window that was counted here while they could not be asked is carried on to its end: losing the store twice is no second helping.
   */
  adopt(key: string, shared: Count): Count {
    const now = this.#monotonic()
    const window = this.#find(key, now)
    if (window?.isOwn === true && window.count >= shared.count) {
      window.count += 1
      return { count: window.count, endsInMs: window.endsAtMs - now, isShared: true }
    }
    this.#windows.set(key, {
      count: shared.count,
      endsAtMs: now + shared.endsInMs,
      isOwn: false,
    })
    return shared
  }

  #find(key: string, now: number): Window | null {
    const window = this.#windows.get(key)
    return window !== undefined && window.endsAtMs > now ? window : null
  }
}
