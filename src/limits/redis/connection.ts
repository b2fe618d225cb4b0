import { Redis } from 'ioredis'
import { countScript } from './script.ts'

/** A connection with the one command that we use. */
export interface CountingRedis extends Redis {
  countInWindow(
    key: string,
    windowMs: number,
    done: (error: Error | null | undefined, reply?: [count: number, endsInMs: number]) => void,
  ): void
}

/** How long an attempt may take until the first command has been answered, milliseconds. */
const openTimeoutMs = 1000

/** An attempt to have a connection that works. */
export interface Attempt {
  readonly redis: CountingRedis
  /** Resolves when a count has been written and answered; rejects within a second otherwise. */
  readonly ready: Promise<void>
}

/**
 * Opens one connection, and counts on `probeKey`: a replica, a full memory or a user who may not write shows here and not at somebody's
 * request. It never connects again by itself, and neither queues nor repeats a command: whoever owns it decides what happens next.
 */
export function openConnection(url: string, probeKey: string): Attempt {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: openTimeoutMs,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false,
    connectionName: 'sallyport',
    disableClientInfo: true,
    scripts: { countInWindow: { lua: countScript, numberOfKeys: 1 } },
  }) as CountingRedis
  // What ends a connection is told here; the promise only says that it has ended.
  let cause: Error | null = null
  redis.on('error', (error: Error) => {
    cause ??= error
  })
  const ready = inTime(redis.connect().then(() => probe(redis, probeKey)))
  return {
    redis,
    ready: ready.catch((error: unknown) => {
      throw cause ?? (error as Error)
    }),
  }
}

/** Ends a connection at once, whoever still waits for an answer on it. */
export function discard(redis: Redis): void {
  redis.disconnect()
  // A peer that does not answer would keep a polite end open. There is no stream before the first step of connecting.
  const stream = redis.stream as typeof redis.stream | undefined
  stream?.destroy()
}

function probe(redis: CountingRedis, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.countInWindow(key, openTimeoutMs, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

async function inTime(ready: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
    }, openTimeoutMs)
  })
  try {
    await Promise.race([ready, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
