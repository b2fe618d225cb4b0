import type { Core } from '../core.ts'
import { later } from './later.ts'
import type { StreamEnd } from '../types.ts'

/** A connection that came about and stayed so long was no failure, milliseconds. */
const steadyMs = 5000

/** What an event source and a WebSocket have in common: they come back until that is of no use. */
export abstract class Stream extends EventTarget {
  // As in the classes of the browser.
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSED: number = 2
  readyState = 0
  readonly url: string
  readonly core: Core
  #attempt = 0
  #openedAtMs = Infinity
  #pause = new AbortController()

  constructor(core: Core, url: URL) {
    super()
    this.core = core
    this.url = url.href
    core.closing.addEventListener('abort', () => {
      this.finish(null)
    })
  }

  /** Calls whatever was assigned to `on…` too. */
  emit(event: Event): void {
    this.dispatchEvent(event)
    const handler = this[`on${event.type}` as keyof this]
    if (typeof handler === 'function') handler.call(this, event)
  }

  opened(): void {
    this.readyState = this.OPEN
    this.#openedAtMs = Date.now()
    this.emit(new Event('open'))
  }

  /** It was lost, and comes back. @param leastMs not before */
  comeBack(leastMs = 0): void {
    if (this.readyState === this.CLOSED) return
    if (Date.now() - this.#openedAtMs > steadyMs) this.#attempt = 0
    this.#openedAtMs = Infinity
    this.#pause.abort()
    this.#pause = new AbortController()
    later(this.#attempt, () => void this.connect(), leastMs, this.#pause)
    this.#attempt += 1
  }

  /** It does not come back. @param code why, in the words of the error contract */
  finish(code: string | null): void {
    if (this.readyState === this.CLOSED) return
    this.#pause.abort()
    this.readyState = this.CLOSED
    this.hangUp()
    this.emit(new CustomEvent<StreamEnd>('end', { detail: { code } }))
  }

  abstract connect(): void | Promise<void>

  abstract hangUp(): void
}
