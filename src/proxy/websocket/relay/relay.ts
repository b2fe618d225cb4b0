import type { Duplex } from 'node:stream'
import type { Refusal } from '../../../errors/refusal.ts'
import type { Task, Turn } from '../../../upstream/http1/turn.ts'
import { closeCode, closeCodeOf } from './close-code.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Closing, PeerSocket } from './peer.ts'

/** One side of a relay: the protocol, and the socket below it. */
export interface End {
  readonly peer: PeerSocket
  readonly socket: Duplex
}

/** Why a relay ended, for the log. */
export type Cause =
  | 'closed'
  | 'ended by the gateway'
  | `${'client' | 'upstream'} ${'left' | 'broke the protocol' | 'was silent'}`

export interface RelayOptions {
  /** Silence of one side after which it is pinged, and after as much again given up, milliseconds. 0: never. */
  readonly idleMs: number
  readonly turn: Turn
  /** Called once, when the first side ends. */
  readonly onEnd: (cause: Cause) => void
}

interface Side extends End {
  readonly heartbeat: Heartbeat
  readonly outbox: Outbox
}

/** More than this on its way to one side, and the other one is not read until it is gone, bytes. */
const highWater = 262_144
/** How long a side that nobody has to wait for may take to say goodbye, milliseconds. Others have `closeTimeoutMs`. */
const farewellMs = 1000

const text = { binary: false }
const binary = { binary: true }

/**
 * Carries messages, pings and pongs between a client and FastAPI, in order, until one side ends; then the other one is told what
 * it would be told without us. Neither side is read faster than the other one takes. What was received before the end is still
 * delivered, for as long as a closing handshake may take.
 */
export class Relay {
  readonly #client: Side
  readonly #upstream: Side
  readonly #onEnd: RelayOptions['onEnd']
  #hasEnded = false

  constructor(client: End, upstream: End, { idleMs, turn, onEnd }: RelayOptions) {
    this.#onEnd = onEnd
    const watched = (end: End, onSilent: () => void): Side => {
      const { peer, socket } = end
      const heartbeat = new Heartbeat(peer, idleMs, onSilent)
      return { peer, socket, heartbeat, outbox: new Outbox(socket, turn) }
    }
    this.#client = watched(client, this.#onClientSilent)
    this.#upstream = watched(upstream, this.#onUpstreamSilent)
    this.#carry(this.#client, this.#upstream)
    this.#carry(this.#upstream, this.#client)
    client.peer.onClosing = this.#onClientClosing
    upstream.peer.onClosing = this.#onUpstreamClosing
    this.#watch(client, this.#onClientGone)
    this.#watch(upstream, this.#onUpstreamGone)
  }

  /** Ends both sides with the code of a refusal: a session that is over, or a gateway that goes. */
  end(reason: Refusal): void {
    this.#end('ended by the gateway', (client, upstream) => {
      const code = closeCodeOf(reason)
      client.peer.finish(code, reason.code)
      upstream.peer.finish(code, reason.code)
    })
    // It may have been closing already, and taking its time.
    cutSoon(this.#client)
    cutSoon(this.#upstream)
  }

  #carry(from: Side, to: Side): void {
    const { peer, heartbeat } = from
    const holdBack = (): void => {
      if (to.peer.bufferedAmount > highWater) peer.pause()
    }
    peer.on('message', (data, isBinary) => {
      if (this.#hasEnded) return
      heartbeat.heard()
      to.outbox.open()
      to.peer.send(data as Buffer, isBinary ? binary : text)
      holdBack()
    })
    peer.on('ping', (data) => {
      if (this.#hasEnded) return
      heartbeat.heard()
      to.peer.ping(data)
      holdBack()
    })
    peer.on('pong', (data) => {
      if (this.#hasEnded || heartbeat.heardPong(data)) return
      to.peer.pong(data)
      holdBack()
    })
    to.socket.on('drain', () => {
      if (peer.isPaused) peer.resume()
    })
  }

  #watch({ peer, socket }: End, onGone: () => void): void {
    // A socket that ends without a close frame has left, even if it could still be written to.
    socket.on('end', onGone)
    peer.on('close', onGone)
  }

  #end(cause: Cause, tell: (client: Side, upstream: Side) => void): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    for (const { peer, heartbeat } of [this.#client, this.#upstream]) {
      heartbeat.stop()
      // The answer to a close frame is behind whatever was not read yet.
      peer.resume()
    }
    tell(this.#client, this.#upstream)
    this.#onEnd(cause)
  }

  readonly #onClientClosing = (closing: Closing): void => {
    if (closing.by === 'violation') {
      this.#end('client broke the protocol', (client, upstream) => {
        cutSoon(client)
        upstream.peer.finish(closeCode.goingAway)
      })
    } else {
      this.#end('closed', (_client, upstream) => {
        upstream.peer.finish(closing.code, closing.reason)
      })
    }
  }

  readonly #onUpstreamClosing = (closing: Closing): void => {
    if (closing.by === 'violation') {
      this.#end('upstream broke the protocol', (client, upstream) => {
        cutSoon(upstream)
        client.peer.finish(closeCode.internalError, 'upstream_invalid')
      })
    } else {
      this.#end('closed', (client) => {
        client.peer.finish(closing.code, closing.reason)
      })
    }
  }

  readonly #onClientGone = (): void => {
    this.#end('client left', (client, upstream) => {
      client.peer.terminate()
      // FastAPI sees what it would see without us: no close frame (RFC 6455 §7.1.5: 1006), after all that was said before.
      upstream.socket.end()
      cutSoon(upstream)
    })
  }

  readonly #onUpstreamGone = (): void => {
    this.#end('upstream left', (client, upstream) => {
      upstream.peer.terminate()
      client.peer.finish(closeCode.internalError, 'upstream_unreachable')
    })
  }

  readonly #onClientSilent = (): void => {
    this.#end('client was silent', (client, upstream) => {
      client.peer.finish(closeCode.timeout)
      cutSoon(client)
      upstream.peer.finish(closeCode.goingAway)
    })
  }

  readonly #onUpstreamSilent = (): void => {
    this.#end('upstream was silent', (client, upstream) => {
      upstream.peer.terminate()
      client.peer.finish(closeCode.timeout, 'upstream_timeout')
    })
  }
}

/** Messages of one turn go out in one piece: a system call for each would cost more than all the rest. */
class Outbox implements Task {
  readonly #socket: Duplex
  readonly #turn: Turn
  #isOpen = false

  constructor(socket: Duplex, turn: Turn) {
    this.#socket = socket
    this.#turn = turn
  }

  /** What is written from now on waits for the end of the turn. */
  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#socket.cork()
    this.#turn.add(this)
  }

  atEndOfTurn(): void {
    this.#isOpen = false
    this.#socket.uncork()
  }

  giveUp(): void {
    this.#socket.destroy()
  }
}

function cutSoon({ peer }: Side): void {
  setTimeout(() => {
    peer.terminate()
  }, farewellMs).unref()
}
