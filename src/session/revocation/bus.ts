import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../clock.ts'
import {
  formatLogged,
  parseLogged,
  type LoggedEvent,
  type RevocationEvent,
  type RevocationHearer,
} from './event.ts'
import type { RevocationLog } from './log.ts'

export interface BusOptions {
  /** null: nobody else could say or hear anything. */
  readonly log: RevocationLog | null
  /** Distinguishes this gateway from the others, and from itself before a restart. */
  readonly node: string
  readonly hearers: readonly RevocationHearer[]
  /** The bus has gone down or has come back: something may have been missed. */
  readonly onState: (isUp: boolean) => void
  readonly metrics: BusMetrics
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
}

export interface BusMetrics {
  readonly said: () => void
  /** @param lagSeconds since it was said elsewhere, by both clocks */
  readonly heard: (lagSeconds: number) => void
  readonly state: (isUp: boolean) => void
}

const retryMs = 50
/** How long closing waits for what has not been written yet, milliseconds. */
const lastWordsMs = 500
/** Beyond this it is enough to say that everything may have changed. */
const maxWaiting = 10_000

/**
 * Tells every gateway what one of them was told by Better Auth: here at once, in the same turn, and elsewhere through a log that all of them follow. What cannot be
 * written there is tried again until it is; others run on short cache times meanwhile, because they cannot read it either.
 */
export class RevocationBus {
  readonly #options: BusOptions
  #waiting: string[] = []
  #isSending = false
  #isUp: boolean
  #isClosed = false
  #retry: NodeJS.Timeout | null = null

  constructor(options: BusOptions) {
    this.#options = options
    // Without others there is nothing that could be missed.
    this.#isUp = options.log === null
    options.metrics.state(this.#isUp)
  }

  /** Reads what was said before, and follows. */
  async open(): Promise<void> {
    await this.#options.log?.open({
      onLines: (lines) => {
        for (const line of lines) this.#hear(line)
      },
      onState: (isUp) => {
        this.#setState(isUp)
      },
    })
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Whoever is here has heard it when this returns; the others within a second as long as the bus is up. */
  say(event: RevocationEvent): void {
    const { clock, log, node } = this.#options
    const logged: LoggedEvent = { event, node, atMs: clock.now() }
    this.#tell(logged)
    this.#options.metrics.said()
    if (log === null || this.#isClosed) return
    if (this.#waiting.length >= maxWaiting) {
      this.#waiting = [formatLogged({ ...logged, event: { kind: 'everything-changed' } })]
    } else this.#waiting.push(formatLogged(logged))
    void this.#send(log)
  }

  /** What has been said last is still written, unless that takes too long. Returns whether it was. @param patienceMs milliseconds */
  async close(patienceMs = lastWordsMs): Promise<boolean> {
    const deadline = performance.now() + patienceMs
    while (this.#waiting.length > 0 && performance.now() < deadline) await pause(10)
    this.#isClosed = true
    if (this.#retry !== null) clearTimeout(this.#retry)
    await this.#options.log?.close()
    return this.#waiting.length === 0
  }

  #hear(line: string): void {
    const logged = parseLogged(line)
    if (logged === null) {
      this.#options.logger.warn('another gateway said something that this one does not know')
      this.#tell({
        event: { kind: 'everything-changed' },
        node: '',
        atMs: this.#options.clock.now(),
      })
      return
    }
    if (logged.node === this.#options.node) return
    this.#measure(logged)
    this.#tell(logged)
  }

  #tell({ event, atMs }: LoggedEvent): void {
    for (const hearer of this.#options.hearers) hearer.heard(event, atMs)
  }

  /** What is read at the start was said when nobody here was listening. */
  #measure({ atMs }: LoggedEvent): void {
    if (!this.#isUp) return
    this.#options.metrics.heard(Math.max(0, this.#options.clock.now() - atMs) / 1000)
  }

  #setState(isUp: boolean): void {
    if (isUp === this.#isUp) return
    this.#isUp = isUp
    const { logger, metrics, onState } = this.#options
    metrics.state(isUp)
    if (isUp) logger.info('revocations are shared')
    else logger.warn('revocations are not shared: sessions are remembered for 5 s at most')
    onState(isUp)
  }

  async #send(log: RevocationLog): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    try {
      for (let line = this.#waiting[0]; line !== undefined; line = this.#waiting[0]) {
        await log.append(line)
        // It may have been replaced meanwhile.
        if (this.#waiting[0] === line) this.#waiting.shift()
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'a revocation could not be shared yet')
      this.#tryAgain(log)
    } finally {
      this.#isSending = false
    }
  }

  #tryAgain(log: RevocationLog): void {
    if (this.#isClosed) return
    this.#retry = setTimeout(() => {
      void this.#send(log)
    }, retryMs).unref()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
