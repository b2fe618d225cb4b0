import { hash } from 'node:crypto'
import type { Count, Counter, LocalWindows } from '../counter.ts'
import type { RedisLink, Reply } from './link.ts'

/** Keys may hold a path that a client has chosen: beyond this length only its digest is stored. */
const maxKeyLength = 200

export interface SharedCounterOptions {
  readonly link: RedisLink
  readonly local: LocalWindows
  /** Before every key in Redis. */
  readonly prefix: string
  /** Whether a count of this process alone is of no use, so that a slow answer is waited for. */
  readonly isPatient: boolean
}

/**
 * Counts for all gateways in Redis, and follows along in this process: while Redis is away, the count goes on here from where it stood.
 */
export class SharedCounter implements Counter {
  readonly #link: RedisLink
  readonly #local: LocalWindows
  readonly #prefix: string

  readonly #isPatient: boolean

  constructor(options: SharedCounterOptions) {
    this.#link = options.link
    this.#local = options.local
    this.#prefix = options.prefix
    this.#isPatient = options.isPatient
  }

  add(key: string, windowMs: number, done: (count: Count) => void): void {
    this.#link.count({
      key: this.#prefix + toStoreKey(key),
      windowMs,
      isPatient: this.#isPatient,
      done: (reply) => {
        done(this.#settle(key, windowMs, reply))
      },
    })
  }

  #settle(key: string, windowMs: number, reply: Reply): Count {
    if (reply === null) return this.#local.count(key, windowMs)
    const [count, endsInMs] = reply
    return this.#local.adopt(key, { count, endsInMs, isShared: true })
  }
}

function toStoreKey(key: string): string {
  return key.length <= maxKeyLength ? key : `sha256:${hash('sha256', key, 'base64url')}`
}
