import type { FastifyBaseLogger } from 'fastify'
import { reasonOf } from './failure.ts'

/** How long the same complaint is not repeated, milliseconds. */
const pauseMs = 10_000

/** Says in the log that the remote Better Auth fails, once and not with every request, and that it is over. */
export class Complaints {
  readonly #logger: FastifyBaseLogger
  readonly #monotonic: () => number
  readonly #saidAt = new Map<string, number>()
  #hasComplained = false
  #isFailing = false

  constructor(logger: FastifyBaseLogger, monotonic: () => number) {
    this.#logger = logger
    this.#monotonic = monotonic
  }

  /** Whether the last that was heard of it was a failure, whether or not that was said. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  note(error: unknown): void {
    this.#isFailing = true
    const reason = reasonOf(error)
    const now = this.#monotonic()
    if (now - (this.#saidAt.get(reason) ?? -Infinity) < pauseMs) return
    // Messages of libraries may have something of their own every time.
    if (this.#saidAt.size > 100) this.#saidAt.clear()
    this.#saidAt.set(reason, now)
    this.#hasComplained = true
    this.#logger.error({ err: error, reason }, 'the remote Better Auth cannot be asked')
  }

  settle(): void {
    this.#isFailing = false
    if (!this.#hasComplained) return
    this.#hasComplained = false
    this.#logger.info('the remote Better Auth answers')
  }
}
