import type { FastifyBaseLogger } from 'fastify'
import { Pool, type Dispatcher } from 'undici'
import type { Clock } from '../../../clock.ts'
import { Breaker } from '../../../upstream/breaker.ts'
import { Complaints } from './complaints.ts'
import { RemoteFailure } from './failure.ts'

export interface RemoteClientOptions {
  /** Where Better Auth is: origin, with a path where it lives below one. */
  readonly url: string
  readonly publicUrl: string
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  /** Shortens how long it may keep us waiting; tests have no three seconds. */
  readonly deadlines?: Partial<RemoteDeadlines>
}

export interface RemoteDeadlines {
  readonly connectMs: number
  /** From question to answer, when somebody's request waits for it. */
  readonly answerMs: number
  /** Between two signs of life of an answer that is passed on. */
  readonly relayMs: number
}

/** A question about a session. */
export interface Question {
  readonly method: 'GET' | 'POST'
  /** From the root of the URL, with its query. */
  readonly path: string
  /** The whole `Cookie` header; null: nobody is asked about. */
  readonly cookie: string | null
  /** The client's address, or empty. */
  readonly address: string
}

/** Small, and read whole. */
export interface Answer {
  readonly status: number
  readonly setCookies: readonly string[]
  readonly text: string
}

const usual: RemoteDeadlines = { connectMs: 2000, answerMs: 3000, relayMs: 30_000 }
const answerLimitBytes = 262_144
// Below what servers keep, so that no request meets a connection that is being closed.
const keepAliveMs = 1500
const connections = 64
/** Requests that are passed on and wait for their answer; one more would only wait longer. */
const maxRelayed = 1024
/** An outage is noticed by a handful of failures, and its end within about a second. */
const breakerRules = { errors: 0.5, windowMs: 10_000, minimum: 5, openMs: 1000 }

/**
 * The way to a Better Auth that runs elsewhere. Questions about sessions are asked on connections of their own, so that sign-ins that take their time do
 * not hold them up, and stop for a second at a time while nobody answers them.
 */
export class RemoteClient {
  readonly #questions: Pool
  readonly #relayed: Pool
  readonly #breaker: Breaker
  readonly #complaints: Complaints
  readonly #clock: Clock
  readonly #deadlines: RemoteDeadlines
  readonly #origin: string
  readonly #forwarding: Readonly<Record<string, string>>
  #relaying = 0
  #isClosed = false

  /** The `Host` that it is asked under. */
  readonly host: string
  /** What comes before `auth.path` there; empty where it lives at the root. */
  readonly basePath: string

  constructor({ url, publicUrl, clock, logger, deadlines }: RemoteClientOptions) {
    const there = new URL(url)
    const here = new URL(publicUrl)
    this.#clock = clock
    this.#deadlines = { ...usual, ...deadlines }
    this.#complaints = new Complaints(logger, clock.monotonic)
    this.#breaker = new Breaker(breakerRules, (state) => {
      logger.info({ state }, 'the breaker of the remote Better Auth')
    })
    this.#origin = here.origin
    // An address inside is asked for what browsers ask for. What has a certificate is found by its own name (RFC 9110 §4.3.4).
    this.host = there.protocol === 'http:' ? here.host : there.host
    this.basePath = there.pathname.replace(/\/$/, '')
    this.#forwarding = {
      host: this.host,
      'x-forwarded-host': here.host,
      'x-forwarded-proto': here.protocol.slice(0, -1),
    }
    const { connectMs, answerMs, relayMs } = this.#deadlines
    const common = {
      connections,
      connect: { timeout: connectMs },
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
    }
    this.#questions = new Pool(there.origin, {
      ...common,
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
      maxResponseSize: answerLimitBytes,
    })
    this.#relayed = new Pool(there.origin, {
      ...common,
      headersTimeout: relayMs,
      bodyTimeout: relayMs,
    })
  }

  /** Whether it answered when it was last asked. */
  get isAnswering(): boolean {
    return !this.#complaints.isFailing
  }

  /**
   * Asks, and reads the answer. `read` throws a `RemoteFailure` for what is no answer to the question. Rejects with one when nothing is known: nobody
   * answers, or has not answered lately.
   */
  async ask<T>(question: Question, read: (answer: Answer) => T): Promise<T> {
    const { monotonic } = this.#clock
    if (!this.#breaker.admits(monotonic())) throw new RemoteFailure('it has failed too often')
    const { period } = this.#breaker
    try {
      const result = read(await this.#send(question))
      this.#breaker.judge(period, false, monotonic())
      this.#complaints.settle()
      return result
    } catch (error) {
      const isBusy = error instanceof RemoteFailure && error.isBusy
      this.#breaker.judge(period, !isBusy, monotonic())
      this.#note(error)
      throw error
    }
  }

  /** Passes a request on, and gives the answer back as soon as its head is there. Rejects when there is none. */
  async relay(
    request: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'headers' | 'body'>,
  ): Promise<Dispatcher.ResponseData> {
    if (this.#relaying >= maxRelayed) throw new RemoteFailure('too many requests wait for it')
    this.#relaying += 1
    try {
      const answer = await this.#relayed.request({ ...request, responseHeaders: 'raw' })
      return answer
    } catch (error) {
      this.#note(error)
      throw error
    } finally {
      this.#relaying -= 1
    }
  }

  /** What fails because it is closed is nobody's fault. */
  #note(error: unknown): void {
    if (!this.#isClosed) this.#complaints.note(error)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([this.#questions.destroy(), this.#relayed.destroy()])
  }

  async #send({ method, path, cookie, address }: Question): Promise<Answer> {
    const answer = await this.#questions.request({
      method,
      path: this.basePath + path,
      headers: {
        ...this.#forwarding,
        accept: 'application/json',
        // Our plugin there says more to us than to browsers; nothing that is a secret to them.
        'x-sallyport-session': '1',
        ...(address === '' ? {} : { 'x-forwarded-for': address }),
        ...(cookie === null ? {} : { cookie }),
        ...(method === 'POST' ? { origin: this.#origin, 'content-type': 'application/json' } : {}),
      },
      body: method === 'POST' ? '{}' : null,
      // The pool's own deadlines begin anew with every byte.
      signal: AbortSignal.timeout(this.#deadlines.connectMs + this.#deadlines.answerMs),
    })
    return {
      status: answer.statusCode,
      setCookies: [answer.headers['set-cookie'] ?? []].flat(),
      text: await answer.body.text(),
    }
  }
}
