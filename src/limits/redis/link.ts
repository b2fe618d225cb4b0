import type { FastifyBaseLogger } from 'fastify'
import { discard, openConnection, type CountingRedis } from './connection.ts'

/** How long a call waits that can do without an answer, milliseconds. */
const patienceMs = 40
/** How long any answer may take until Redis counts as away, milliseconds. */
const deadlineMs = 100
/** How long to wait between two attempts to have it back, milliseconds. */
const retryMs = 500

/** Count and milliseconds until the window ends, or null where Redis is away. */
export type Reply = readonly [count: number, endsInMs: number] | null

export interface Call {
  readonly key: string
  readonly windowMs: number
  /** Whether it waits for as long as Redis may still answer: there is no other way to answer it. */
  readonly isPatient: boolean
  /** Called exactly once. */
  readonly done: (reply: Reply) => void
}

interface Sent {
  readonly atMs: number
  readonly isPatient: boolean
  /** Null once it has been called. */
  done: Call['done'] | null
}

export interface LinkOptions {
  /** May hold a password: never in a message. */
  readonly url: string
  readonly probeKey: string
  readonly logger: FastifyBaseLogger
}

/**
 * One connection to Redis, and a circuit: the first answer that is an error or does not come within 100 ms opens it, and answers null to
 * everybody who waits. From then on every answer is null at once, while the connection is tried again every half second in the
 * background. Before that, nobody waits longer than 40 ms who need not. One log line says that Redis is away, one that it is back.
 */
export class RedisLink {
  readonly #options: LinkOptions
  /** What Redis has not answered yet, in the order in which it was sent. */
  readonly #sent = new Set<Sent>()
  #redis: CountingRedis | null = null
  #attempted: CountingRedis | null = null
  #watchdog: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Makes the first attempt. Resolves within a second, also without Redis: it is then tried in the background. */
  async open(): Promise<void> {
    const reason = await this.#attempt()
    if (reason === null || this.#isClosed) return
    this.#logAway(reason)
    void this.#recover()
  }

  /** Counts one more request. */
  count({ key, windowMs, isPatient, done }: Call): void {
    if (this.#redis === null) {
      done(null)
      return
    }
    const sent: Sent = { atMs: performance.now(), isPatient, done }
    this.#sent.add(sent)
    this.#watchdog ??= this.#watch(patienceMs)
    this.#redis.countInWindow(key, windowMs, (error, reply) => {
      // It is no longer among them when the connection that it was sent on has been given up.
      if (!this.#sent.delete(sent)) return
      if (error) this.#lose(reasonOf(error))
      answer(sent, error ? null : (reply ?? null))
    })
  }

  close(): void {
    this.#isClosed = true
    if (this.#watchdog !== null) clearTimeout(this.#watchdog)
    for (const redis of [this.#redis, this.#attempted]) if (redis !== null) discard(redis)
    this.#redis = null
    this.#answerAll()
  }

  /** Tries once; answers with what stood in the way, or null. */
  async #attempt(): Promise<string | null> {
    const { url, probeKey } = this.#options
    const { redis, ready } = openConnection(url, probeKey)
    redis.once('end', () => {
      if (this.#redis === redis) this.#lose('connection closed')
    })
    this.#attempted = redis
    try {
      await ready
      // It may have ended since it answered, or the gateway may be on its way out.
      if (this.#isClosed || redis.status !== 'ready') throw new Error('connection closed')
      this.#redis = redis
      return null
    } catch (error) {
      discard(redis)
      return reasonOf(error as Error)
    } finally {
      this.#attempted = null
    }
  }

  async #recover(): Promise<void> {
    while ((await this.#attempt()) !== null) {
      await pause(retryMs)
      if (this.#isClosed) return
    }
    this.#options.logger.info('Redis is back: limits are shared again')
  }

  #lose(reason: string): void {
    if (this.#redis === null) return
    discard(this.#redis)
    this.#redis = null
    this.#logAway(reason)
    this.#answerAll()
    void this.#recover()
  }

  #logAway(reason: string): void {
    const message = 'Redis is away: limits are counted by this process alone'
    this.#options.logger.warn({ reason }, message)
  }

  #answerAll(): void {
    const all = [...this.#sent]
    this.#sent.clear()
    for (const sent of all) answer(sent, null)
  }

  /** One timer for all calls. */
  #watch(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      // This process may be what was slow: answers that have arrived are read before anybody is given up.
      setImmediate(() => {
        this.#judge(performance.now())
      })
    }, ms)
    return timer.unref()
  }

  /** Gives up on Redis, or lets those go who have waited long enough, and comes back when the next one's time is up. */
  #judge(now: number): void {
    this.#watchdog = null
    const [oldest] = this.#sent
    if (oldest === undefined) return
    let nextAtMs = oldest.atMs + deadlineMs
    if (nextAtMs <= now) {
      this.#lose('no answer')
      return
    }
    for (const sent of this.#sent) {
      if (sent.isPatient || sent.done === null) continue
      if (sent.atMs + patienceMs > now) {
        nextAtMs = Math.min(nextAtMs, sent.atMs + patienceMs)
        break
      }
      answer(sent, null)
    }
    this.#watchdog = this.#watch(Math.ceil(nextAtMs - now))
  }
}

function answer(sent: Sent, reply: Reply): void {
  const { done } = sent
  sent.done = null
  done?.(reply)
}

/** What may be logged of an error: its code or the first word of Redis. The error itself holds the command, and `AUTH` a password. */
function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return code ?? /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? 'connection closed'
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
