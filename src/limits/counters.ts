import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { RedisConfig } from '../config/types.ts'
import { LocalWindows, type Counter } from './counter.ts'
import { SharedCounter } from './redis/counter.ts'
import { RedisLink } from './redis/link.ts'

export interface CounterOptions {
  /** null: every process counts for itself. */
  readonly redis: RedisConfig | null
  /** What the gateways that count together have in common, and no others: the host of `publicUrl`. */
  readonly namespace: string
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
}

/** Who counts what. Routes and Better Auth are counted apart, so that neither can crowd the other out of memory. */
export interface Counters {
  /** Requests to routes. */
  readonly routes: Counter
  /** Requests to Better Auth. */
  readonly auth: Counter
  /** Whether several gateways count together, as long as Redis is there. */
  readonly isShared: boolean
  /** Connects. Resolves within a second and never rejects: without Redis every process counts for itself. */
  readonly open: () => Promise<void>
  readonly close: () => void
}

/** Makes the counters; nothing connects before `open`. */
export function createCounters(options: CounterOptions): Counters {
  const { redis, namespace, clock, logger } = options
  const routes = new LocalWindows(clock.monotonic)
  const auth = new LocalWindows(clock.monotonic)
  if (redis === null) {
    const nothing = (): void => undefined
    return { routes, auth, isShared: false, open: () => Promise.resolve(), close: nothing }
  }
  const prefix = `sallyport:${namespace}`
  const link = new RedisLink({ url: redis.url, probeKey: `${prefix}:probe`, logger })
  return {
    routes: new SharedCounter({
      link,
      local: routes,
      prefix: `${prefix}:limit:`,
      isPatient: false,
    }),
    auth: new SharedCounter({
      link,
      local: auth,
      prefix: `${prefix}:auth-limit:`,
      isPatient: true,
    }),
    isShared: true,
    open: () => link.open(),
    close: () => {
      link.close()
    },
  }
}
