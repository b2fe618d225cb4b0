import { LRUCache } from 'lru-cache'

interface Bucket {
  readonly count: number
  readonly endsAtMs: number
}

/** What Better Auth asks of a rate-limit store. Windows are in seconds. */
export interface RateLimitStore {
  consume(
    key: string,
    rule: { window: number; max: number },
  ): Promise<{ allowed: boolean; retryAfter: number | null }>
}

const maxBuckets = 100_000

/**
 * Counts requests in fixed windows, per gateway and in memory. Better Auth's own store belongs to the process and
 * looks at every entry on every request; this one belongs to its gateway, and forgets the least recently used first.
 *
 * @param monotonic milliseconds
 */
export function createRateLimitStore(monotonic: () => number): RateLimitStore {
  const buckets = new LRUCache<string, Bucket>({ max: maxBuckets })
  return {
    consume(key, { window, max }) {
      const now = monotonic()
      const known = buckets.get(key)
      const bucket =
        known !== undefined && known.endsAtMs > now
          ? known
          : { count: 0, endsAtMs: now + window * 1000 }
      if (bucket.count >= max) {
        const retryAfter = Math.ceil((bucket.endsAtMs - now) / 1000)
        return Promise.resolve({ allowed: false, retryAfter })
      }
      buckets.set(key, { count: bucket.count + 1, endsAtMs: bucket.endsAtMs })
      return Promise.resolve({ allowed: true, retryAfter: null })
    },
  }
}
