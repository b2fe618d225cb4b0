import { Redis } from 'ioredis'
import { clockSkewSeconds } from '../../authn/bearer/claims.ts'
import type { RedisConfig } from '../../config/types.ts'
import { once, ok, problem, skipped, warning, type Check, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { reasonOf } from '../wire/failure.ts'
import { shown } from '../wire/shown.ts'
import { quickest } from '../wire/quickest.ts'
import { judgeSkew, offsetOf, type Offset } from '../wire/skew.ts'

/** What a Redis says of itself. */
export interface RedisFacts {
  readonly version: string
  readonly role: string
  /** Bytes; 0: as much as there is. */
  readonly maxMemory: number
  readonly eviction: string
  readonly latencyMs: number
  readonly offset: Offset
}

export function redisChecks({ config, clock, options, slow }: DoctorContext): readonly Check[] {
  const { redis } = config
  if (redis === null) {
    return [
      { name: 'redis', run: () => skipped('redis is not configured: this is the only gateway') },
    ]
  }
  const facts = once(() => probe(redis, options.stepMs, clock))
  return [
    {
      name: 'redis',
      run: async () => {
        const keepsSessions = config.auth.session.store === 'redis'
        return judgeRedis(await facts(), keepsSessions, slow.storeMs)
      },
    },
    {
      name: 'redis clock',
      run: async () => {
        const found = await facts()
        if (found instanceof Error) return skipped('Redis does not answer')
        return judgeSkew("Redis's", found.offset, clockSkewSeconds * 1000)
      },
    },
  ]
}

/** Only PING, INFO and TIME are sent. Resolves with the error where they are not answered. */
async function probe(
  { url }: RedisConfig,
  stepMs: number,
  clock: DoctorContext['clock'],
): Promise<RedisFacts | Error> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: stepMs,
    commandTimeout: stepMs,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    connectionName: 'sallyport-doctor',
    disableClientInfo: true,
  })
  // What ends a connection is told here; the promise only says that it has ended.
  const causes: Error[] = []
  redis.on('error', (error: Error) => {
    causes.push(error)
  })
  try {
    await redis.connect()
    const latencyMs = await quickest(() => redis.ping(), clock)
    const info = readInfo(await redis.info())
    const sentAtMs = clock.now()
    const [seconds, micros] = await redis.time()
    const theirsMs = Number(seconds) * 1000 + Number(micros) / 1000
    const offset = offsetOf(theirsMs, { sentAtMs, heardAtMs: clock.now() })
    return { ...info, latencyMs, offset }
  } catch (error) {
    return causes[0] ?? (error as Error)
  } finally {
    redis.disconnect()
  }
}

function readInfo(text: string): Omit<RedisFacts, 'latencyMs' | 'offset'> {
  const value = (name: string): string =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? ''
  return {
    version: value('redis_version'),
    role: value('role'),
    maxMemory: Number(value('maxmemory')),
    eviction: value('maxmemory_policy'),
  }
}

/**
 * @param keepsSessions whether sessions live there, and nowhere else
 * @param slowMs from where on it is too slow
 */
export function judgeRedis(
  facts: RedisFacts | Error,
  keepsSessions: boolean,
  slowMs: number,
): Finding {
  if (facts instanceof Error) return judgeFailure(facts)
  const { version, role, maxMemory, eviction, latencyMs } = facts
  const seen = `Redis ${shown(version)} answers in ${latencyMs.toFixed(1)} ms`
  if (role === 'slave') {
    return problem(
      `${seen}, and is a replica: it takes no writes`,
      'Name the primary in redis, or what follows it.',
    )
  }
  if (maxMemory > 0 && eviction !== 'noeviction') {
    const what = keepsSessions ? 'sessions and revocations' : 'revocations'
    return warning(
      `${seen}, and forgets ${what} when it is full (maxmemory-policy ${shown(eviction)})`,
      'Set maxmemory-policy noeviction: a revocation that is forgotten lets a token in again.',
    )
  }
  if (latencyMs <= slowMs) return ok(seen)
  return warning(seen, 'Bring Redis nearer to the gateway: every rate limit waits for it.')
}

function judgeFailure(error: Error): Finding {
  if (/WRONGPASS|NOAUTH|invalid password|NOPERM/.test(error.message)) {
    return problem(
      'Redis refuses our password or user',
      'Correct user and password in the URL of redis (REDIS_URL): redis://user:password@host:6379.',
    )
  }
  const reason = /timed out/i.test(error.message) ? 'no answer in time' : reasonOf(error)
  return problem(
    `Redis cannot be asked: ${reason}`,
    'See that Redis runs, and that redis (REDIS_URL) is its address.',
  )
}
