/** What became of everything that was sent. */
export class Ledger {
  /** How often each kind of thing went as it should. */
  readonly done = new Map<string, number>()
  /** One line for each thing that did not. */
  readonly failures: string[] = []
  /** How long requests took, milliseconds. */
  readonly took: number[] = []
  readonly #over = new AbortController()

  /** Is aborted when everybody has to stop. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  isOver(): boolean {
    return this.over.aborted
  }

  stop(): void {
    this.#over.abort()
  }

  count(kind: string): void {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1)
  }

  fail(kind: string, what: unknown): void {
    const { code, message } = Object(what) as { code?: string; message?: string }
    this.failures.push(
      `${new Date().toISOString()} ${kind}: ${code ?? ''} ${message ?? String(what)}`,
    )
  }

  /** Does something once and counts it, or notes that it failed. */
  async try(kind: string, attempt: () => Promise<void>): Promise<void> {
    const from = performance.now()
    try {
      await attempt()
      this.count(kind)
      this.took.push(performance.now() - from)
    } catch (error) {
      this.fail(kind, error)
    }
  }

  /** Does something over and over until stopped, each time after a pause. */
  async repeat(kind: string, pauseMs: number, attempt: () => Promise<void>): Promise<void> {
    while (!this.isOver()) {
      await this.try(kind, attempt)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  /** In the order of kinds. */
  toString(): string {
    const sorted = [...this.took].sort((a, b) => a - b)
    const at = (share: number): string =>
      (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0)
    const kinds = [...this.done].sort().map(([kind, count]) => `${count} ${kind}`)
    return `${kinds.join(', ')}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`
  }
}
