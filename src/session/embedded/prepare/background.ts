/** How long a gateway that stops waits for messages that are being sent, milliseconds. */
const patienceMs = 5000

/**
 * What Better Auth does when it has answered: it sends messages. Whoever asks for one about a forgotten password could tell from the time
 * that it takes whether there is such an account.
 */
export class Background {
  readonly #underWay = new Set<Promise<unknown>>()

  /** @param work does not reject: Better Auth logs what goes wrong */
  readonly run = (work: Promise<unknown>): void => {
    const tracked = work.finally(() => {
      this.#underWay.delete(tracked)
    })
    this.#underWay.add(tracked)
  }

  /** Resolves when all of it is done, or has taken too long. */
  async close(): Promise<void> {
    const { promise: tooLong, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, patienceMs, undefined)
    await Promise.race([Promise.allSettled(this.#underWay), tooLong])
    clearTimeout(timer)
  }
}
