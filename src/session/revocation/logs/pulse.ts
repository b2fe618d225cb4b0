import { silenceMs } from '../log.ts'

/**
 * Whether something that should show itself again and again still does. It is down until it first does, and after 750 ms of silence;
 * `onState` hears of changes only.
 */
export class Pulse {
  readonly #onState: (isUp: boolean) => void
  #isUp = false
  #silence: NodeJS.Timeout | null = null

  constructor(onState: (isUp: boolean) => void) {
    this.#onState = onState
  }

  beat(): void {
    if (this.#silence === null) {
      this.#silence = setTimeout(() => {
        this.#silence = null
        this.#set(false)
      }, silenceMs)
      this.#silence.unref()
    } else this.#silence.refresh()
    this.#set(true)
  }

  /** It is known to have stopped; there is no need to wait for the silence. */
  stop(): void {
    if (this.#silence !== null) clearTimeout(this.#silence)
    this.#silence = null
    this.#set(false)
  }

  #set(isUp: boolean): void {
    if (isUp === this.#isUp) return
    this.#isUp = isUp
    this.#onState(isUp)
  }
}
