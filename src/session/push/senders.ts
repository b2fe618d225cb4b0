import { silenceMs } from './format.ts'

/** A process that has been silent for so long has ended, milliseconds. */
const forgottenMs = 60_000
const maxSenders = 1000

/**
 * The processes that push, and when each was heard last. One that falls silent may have ended, or may be cut off with something to tell: until it is certain to
 * have ended, nobody relies on what the others say.
 */
export class Senders {
  readonly #monotonic: () => number
  /** The one that was heard longest ago first. */
  readonly #heardAt = new Map<string, number>()

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  hear(sender: string): void {
    this.#heardAt.delete(sender)
    this.#heardAt.set(sender, this.#monotonic())
    const [oldest] = this.#heardAt.keys()
    if (this.#heardAt.size > maxSenders && oldest !== undefined) this.#heardAt.delete(oldest)
  }

  /** Whether there is one, and none is silent. */
  areHeard(): boolean {
    const now = this.#monotonic()
    for (const [sender, heardAt] of this.#heardAt) {
      if (now - heardAt <= silenceMs) return true
      if (now - heardAt <= forgottenMs) return false
      this.#heardAt.delete(sender)
    }
    return false
  }
}
