import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Notices failures of the database inside pieces of work that may hide them. Several pieces at once are told apart.
 */
export class FailureWatch {
  readonly #work = new AsyncLocalStorage<{ failure: Error | null }>()

  /** Runs `work`; rejects with the code `SALLYPORT_SESSION_STORE` when a failure was noted in it, whatever came out. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const noted: { failure: Error | null } = { failure: null }
    try {
      const result = await this.#work.run(noted, work)
      if (noted.failure === null) return result
    } catch (error) {
      if (noted.failure === null) throw error
    }
    throw storeFailure(noted.failure)
  }

  /** A statement or a connection has failed, and it was not the statement's fault. */
  note(failure: Error): void {
    const noted = this.#work.getStore()
    if (noted !== undefined) noted.failure ??= failure
  }
}

/** What is answered 503 `session_store_unavailable`. */
export function storeFailure(cause: unknown): Error {
  return Object.assign(new Error('the auth database failed', { cause }), {
    code: 'SALLYPORT_SESSION_STORE',
  })
}
