import { randomBytes } from 'node:crypto'
import type { PeerSocket } from './peer.ts'

/**
 * Watches one side for silence: without a frame for `idleMs` it is pinged, without one for as long again it counts as dead. A side
 * that we have stopped reading is not judged.
 */
export class Heartbeat {
  readonly #peer: PeerSocket
  readonly #timer: NodeJS.Timeout | null
  readonly #onSilent: () => void
  #ping: Buffer | null = null

  /** @param idleMs 0: never */
  constructor(peer: PeerSocket, idleMs: number, onSilent: () => void) {
    this.#peer = peer
    this.#onSilent = onSilent
    this.#timer = idleMs === 0 ? null : setTimeout(this.#onIdle, idleMs)
  }

  /** A frame has come. */
  heard(): void {
    this.#timer?.refresh()
    if (this.#ping !== null) this.#ping = null
  }

  /** A pong has come. Returns whether it answers our own ping, and so is nobody else's business (RFC 6455 §5.5.3). */
  heardPong(data: Buffer): boolean {
    const isOurs = this.#ping?.equals(data) === true
    this.heard()
    return isOurs
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  readonly #onIdle = (): void => {
    if (this.#ping !== null && !this.#peer.isPaused) {
      this.#onSilent()
      return
    }
    this.#timer?.refresh()
    if (this.#peer.isPaused) return
    this.#ping = randomBytes(8)
    this.#peer.ping(this.#ping)
  }
}
