import type { AccessRecord } from './record.ts'

/** Hears of every request that is over. Must not throw, and must not take long: the event loop waits. */
export type AccessListener = (record: AccessRecord) => void

/** Tells everybody who listens what became of each request, in the order of subscription. */
export class AccessHub {
  #listeners: readonly AccessListener[] = []

  /** Returns what ends the subscription. */
  subscribe(listener: AccessListener): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener)
    }
  }

  record(record: AccessRecord): void {
    for (const listener of this.#listeners) listener(record)
  }
}
