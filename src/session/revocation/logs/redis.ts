import { Redis } from 'ioredis'
import { discard } from '../../../limits/redis/connection.ts'
import { beatMs, type LogFollower, type RevocationLog } from '../log.ts'
import { Pulse } from './pulse.ts'

export interface RedisLogOptions {
  /** May hold a password: never in a message. */
  readonly url: string
  /** Of the stream that is the log. */
  readonly key: string
  /** How long lines are kept, milliseconds. */
  readonly keepMs: number
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

const reconnectMs = 250
/** How long anything may take, milliseconds. */
const answerMs = 700
const page = 1000

type Entries = readonly (readonly [id: string, fields: readonly string[]])[]

/**
 * The log of gateways that share a Redis: a stream. One connection waits for what comes next, and is answered at once or after 250 ms; another appends, and shows by a small write
 * now and then that it could. Only with both is the log up: a Redis that is full or a replica takes no revocations.
 */
export class RedisLog implements RevocationLog {
  readonly #options: RedisLogOptions
  #follower: LogFollower | null = null
  #pulse: Pulse | null = null
  #reader: Redis | null = null
  #writer: Redis | null = null
  #timer: NodeJS.Timeout | null = null
  /** The id of the newest line that was heard. */
  #last: string | null = null
  #isClosed = false

  constructor(options: RedisLogOptions) {
    this.#options = options
  }

  async open(follower: LogFollower): Promise<void> {
    this.#follower = follower
    this.#pulse = new Pulse(follower.onState)
    await this.#connect()
  }

  async append(line: string): Promise<void> {
    if (this.#writer === null) throw new Error('Redis is away')
    const { key, keepMs, now } = this.#options
    const oldest = String(Math.max(0, now() - keepMs))
    await inTime(this.#writer.xadd(key, 'MINID', '~', oldest, '*', 'line', line))
  }

  close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#disconnect()
    return Promise.resolve()
  }

  async #connect(): Promise<void> {
    const reader = (this.#reader = connection(this.#options.url))
    const writer = (this.#writer = connection(this.#options.url))
    for (const redis of [reader, writer]) {
      redis.on('error', () => undefined)
      redis.once('end', () => {
        this.#lose(reader)
      })
    }
    try {
      await inTime(Promise.all([reader.connect(), writer.connect()]))
      await this.#readKept(reader)
      await this.#show(writer)
      void this.#follow(reader, writer)
    } catch {
      this.#lose(reader)
    }
  }

  async #readKept(reader: Redis): Promise<void> {
    const { key, keepMs, now } = this.#options
    for (let isMore = true; isMore;) {
      const from = `(${this.#last ?? String(Math.max(0, now() - keepMs))}`
      const entries: Entries = await inTime(reader.xrange(key, from, '+', 'COUNT', page))
      this.#tell(entries)
      isMore = entries.length === page
    }
  }

  async #follow(reader: Redis, writer: Redis): Promise<void> {
    const { key } = this.#options
    try {
      while (reader === this.#reader) {
        const waiting = reader.xread(
          'COUNT',
          page,
          'BLOCK',
          beatMs,
          'STREAMS',
          key,
          this.#last ?? '0',
        )
        const [answer] = await inTime(Promise.all([waiting, this.#show(writer)]))
        this.#tell(answer?.[0]?.[1] ?? [])
      }
    } catch {
      this.#lose(reader)
    }
  }

  /** A write that Redis takes, so that it is known to take the next one. */
  async #show(writer: Redis): Promise<void> {
    await inTime(writer.set(`${this.#options.key}:beat`, '1', 'PX', 60_000))
    this.#pulse?.beat()
  }

  #tell(entries: Entries): void {
    const newest = entries.at(-1)
    if (newest === undefined) return
    ;[this.#last] = newest
    this.#follower?.onLines(entries.map(([, fields]) => fields[1] ?? ''))
  }

  #lose(reader: Redis): void {
    if (reader !== this.#reader) return
    this.#disconnect()
    this.#pulse?.stop()
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      void this.#connect()
    }, reconnectMs).unref()
  }

  #disconnect(): void {
    const connections = [this.#reader, this.#writer]
    this.#reader = null
    this.#writer = null
    for (const redis of connections) if (redis !== null) discard(redis)
  }
}

/** It never connects again by itself, and neither queues nor repeats a command. */
function connection(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: answerMs,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false,
    connectionName: 'sallyport-revocations',
    disableClientInfo: true,
  })
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('no answer in time'))
    }, answerMs)
  })
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
