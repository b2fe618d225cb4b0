/** Where spans go. */
export interface Exporter<Span> {
  /** Calls back once, however long that takes. */
  export(spans: Span[], done: (result: { readonly code: number }) => void): void
  shutdown(): Promise<void>
}

export interface QueueOptions {
  /** How many wait at most. */
  readonly queued: number
  /** How many go at once. */
  readonly batch: number
  /** How long one waits for others, milliseconds. */
  readonly delayMs: number
  /** How long `close` waits, milliseconds. */
  readonly closeMs: number
  /** Told when the collector stops taking spans, and when it takes them again. */
  readonly onState: (isUp: boolean) => void
}

/**
 * Spans on their way to a collector. One batch is under way at a time; a collector that is slow or away fills the queue, and what does
 * not fit is dropped and counted. Nobody ever waits for it.
 */
export class SpanQueue<Span> {
  readonly counts = { exported: 0, dropped: 0, failed: 0 }
  readonly #exporter: Exporter<Span>
  readonly #options: QueueOptions
  #waiting: Span[] = []
  #timer: NodeJS.Timeout | null = null
  #underWay: Promise<void> | null = null
  #isUp = true
  #isClosed = false

  constructor(exporter: Exporter<Span>, options: QueueOptions) {
    this.#exporter = exporter
    this.#options = options
  }

  add(span: Span): void {
    const { queued, batch, delayMs } = this.#options
    if (this.#isClosed || this.#waiting.length >= queued) {
      this.counts.dropped += 1
      return
    }
    this.#waiting.push(span)
    if (this.#waiting.length >= batch) this.#send()
    else this.#timer ??= setTimeout(this.#onTime, delayMs).unref()
  }

  /** Sends what is left, and waits for that a while. What has not gone by then is dropped. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>(
      (resolve) => (timer = setTimeout(resolve, this.#options.closeMs)),
    )
    await Promise.race([this.#drain(), late])
    clearTimeout(timer)
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.counts.dropped += this.#waiting.length
    this.#waiting = []
    this.#exporter.shutdown().catch(() => undefined)
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#underWay !== null) {
      this.#send()
      await this.#underWay
    }
  }

  readonly #onTime = (): void => {
    this.#timer = null
    this.#send()
  }

  #send(): void {
    if (this.#underWay !== null || this.#waiting.length === 0) return
    const spans = this.#waiting.splice(0, this.#options.batch)
    this.#underWay = new Promise((resolve) => {
      this.#exporter.export(spans, ({ code }) => {
        this.#settle(spans.length, code === 0)
        resolve()
      })
    })
  }

  #settle(count: number, isTaken: boolean): void {
    this.#underWay = null
    this.counts[isTaken ? 'exported' : 'failed'] += count
    if (isTaken !== this.#isUp) this.#options.onState(isTaken)
    this.#isUp = isTaken
    if (this.#isClosed) return
    if (this.#waiting.length >= this.#options.batch) this.#send()
    else if (this.#waiting.length > 0) {
      this.#timer ??= setTimeout(this.#onTime, this.#options.delayMs).unref()
    }
  }
}
