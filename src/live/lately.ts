/** Longer than a stream may take from its admission to its beginning, milliseconds. */
const keptMs = 60_000

/** What has changed within the last minute, by key; null stands for everything. */
export class Lately {
  readonly #monotonic: () => number
  readonly #atMs = new Map<string | null, number>()

  /** @param monotonic milliseconds */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  note(key: string | null): void {
    this.#atMs.set(key, this.#monotonic())
  }

  has(key: string | null): boolean {
    return this.#atMs.has(key) || this.#atMs.has(null)
  }

  /** Forgets what is older. */
  sweep(): void {
    const since = this.#monotonic() - keptMs
    for (const [key, atMs] of this.#atMs) if (atMs < since) this.#atMs.delete(key)
  }
}
