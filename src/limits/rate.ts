import rateLimit, { type FastifyRateLimitStore } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RateLimitConfig } from '../config/types.ts'
import { refuse } from '../errors/refusal.ts'
import type { LimitRate, RateVerdict } from '../pipeline.ts'
import type { Counter } from './counter.ts'
import { rateKey } from './key.ts'

/** What the library is given for a request: it reads nothing else of one, and a handshake has no Fastify request. */
interface Counted {
  readonly routeOptions: Readonly<Record<string, never>>
  readonly limit: RateLimitConfig
  readonly key: string
}

/**
 * The rate limits of routes. `@fastify/rate-limit` judges, our counter counts; limits are read per request, so that a reload changes
 * them, and the windows that are open stay open. Fixed windows: at the end of one, twice the limit may pass in a short time.
 *
 * Refuses with `rate_limited`. Registers the plugin on the app, which adds no hook to any route.
 */
export async function createRateLimiter(
  app: FastifyInstance,
  counter: Counter,
): Promise<LimitRate> {
  await app.register(rateLimit, { global: false, store: storeOf(counter) })
  const judge = app.createRateLimit({
    keyGenerator: (request) => counted(request).key,
    max: (request) => counted(request).limit.requests,
    timeWindow: (request) => counted(request).limit.perMs,
  })
  return async (limit, principal, head) => {
    const key = rateKey(limit, principal, head.address)
    const request: Counted = { routeOptions: nothing, limit, key }
    const verdict = await judge(request as unknown as FastifyRequest)
    if (verdict.isAllowed) throw new Error('no key is exempt from its limit')
    return toVerdict(limit.requests, verdict)
  }
}

const nothing: Counted['routeOptions'] = {}

function counted(request: FastifyRequest): Counted {
  return request as unknown as Counted
}

/** The library makes its store by itself, and one more for every limiter: all of them are this counter. */
function storeOf(counter: Counter) {
  return class CounterStore implements FastifyRateLimitStore {
    incr(
      key: string,
      done: (error: Error | null, result?: { current: number; ttl: number }) => void,
      windowMs: number,
    ): void {
      counter.add(key, windowMs, ({ count, endsInMs }) => {
        done(null, { current: count, ttl: endsInMs })
      })
    }

    child(): FastifyRateLimitStore {
      return this
    }
  }
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-06; `ratelimit-reset` is in seconds from now. */
function toVerdict(
  max: number,
  verdict: {
    readonly remaining: number
    readonly ttlInSeconds: number
    readonly isExceeded: boolean
  },
): RateVerdict {
  const { remaining, isExceeded } = verdict
  const reset = String(Math.max(1, verdict.ttlInSeconds))
  if (!isExceeded) {
    const headers = [
      ...['ratelimit-limit', String(max)],
      ...['ratelimit-remaining', String(remaining)],
      ...['ratelimit-reset', reset],
    ]
    return { refusal: null, headers }
  }
  const headers = {
    'ratelimit-limit': String(max),
    'ratelimit-remaining': '0',
    'ratelimit-reset': reset,
    'retry-after': reset,
  }
  return { refusal: refuse('rate_limited', { headers }), headers: [] }
}
