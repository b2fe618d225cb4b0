import { Turn } from './turn.ts'
import { isAddress } from '../tls.ts'
import { OpenCall } from './connection/call.ts'
import { Connection, type Owner } from './connection/connection.ts'
import { ConnectionLost, InvalidRequest } from './failure.ts'
import type { AnswerHandler, Call, Connections, UpstreamRequest } from './port.ts'
import { writeRequestHead } from './message/request-head.ts'
import { createSocketOpener, type OpenSocket, type SocketRules } from './connection/socket.ts'

// uvicorn closes idle connections after 5 s and gunicorn's worker after 2 s; a reused dead one is a visible 502.
const keepAliveMs = 1500

/** How old a connection to a named host may get: its name may stand for another address by then. */
const connectionLifetimeMs = 30_000

export interface ConnectionRules extends SocketRules {
  /** Replaces the 30 s for which a connection to a named host is used. */
  readonly lifetimeMs?: number | undefined
  /** Hears of what handlers throw when nobody is left who could be told. */
  readonly onFault?: (error: unknown) => void
}

/**
 * Opens connections to one target as they are needed and keeps them for the next request: HTTP/1.1, one request at a time on a
 * connection. A request is sent at the end of the turn: by then it has been noticed if its connection has ended, or if the target has
 * sent something that nobody asked for.
 */
export class ConnectionPool implements Connections, Owner {
  /** Nothing is timed by itself: so often it is looked who is late. A time-out comes up to two beats late, and never early. */
  readonly beatMs = 50
  beats = 0
  readonly #open: OpenSocket
  readonly #lifetimeMs: number
  readonly #onFault: (error: unknown) => void
  readonly #all = new Set<Connection>()
  /** The one that was used last is used next, so that those that are not needed grow old. */
  readonly #idle: Connection[] = []
  readonly #turn = new Turn()
  #heart: NodeJS.Timeout | null = null
  #isClosing = false
  #onEmpty: (() => void)[] = []

  constructor(rules: ConnectionRules) {
    this.#open = createSocketOpener(rules)
    this.#onFault = rules.onFault ?? ((): void => undefined)
    const isNamed = !isAddress(new URL(rules.origin).hostname)
    this.#lifetimeMs = isNamed ? (rules.lifetimeMs ?? connectionLifetimeMs) : Infinity
  }

  send(request: UpstreamRequest, handler: AnswerHandler): Call {
    return this.#serve(request, handler, false)
  }

  probe(request: UpstreamRequest, handler: AnswerHandler): Call {
    return this.#serve(request, handler, true)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const connection of this.#all) if (connection.isIdle) connection.giveUp(null)
    if (this.#all.size === 0) return
    await new Promise<void>((resolve) => this.#onEmpty.push(resolve))
  }

  destroy(): void {
    this.#isClosing = true
    const lost = new ConnectionLost('the gateway gives it up')
    for (const connection of this.#all) connection.giveUp(lost)
  }

  /** Connections that there are. */
  get size(): number {
    return this.#all.size
  }

  freed(connection: Connection): void {
    if (this.#isClosing || connection.isOlderThan(this.#lifetimeMs)) {
      connection.giveUp(null)
      return
    }
    this.#idle.push(connection)
  }

  sends(connection: Connection): void {
    this.#turn.add(connection)
  }

  unsent(call: OpenCall, head: string): void {
    ;(this.#take() ?? this.#connect()).serve(call, head, false)
  }

  gone(connection: Connection): void {
    this.#all.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
    if (this.#all.size > 0) return
    if (this.#heart !== null) clearInterval(this.#heart)
    this.#heart = null
    for (const resolve of this.#onEmpty.splice(0)) resolve()
  }

  #serve(request: UpstreamRequest, handler: AnswerHandler, isLast: boolean): Call {
    const call = new OpenCall(request, handler, this.#onFault)
    const closes = isLast || this.#isClosing
    const head = writeRequestHead(request, closes)
    if (head === null) process.nextTick(refuseToSend, call)
    else if (closes) this.#connect().serve(call, head, true)
    else (this.#take() ?? this.#connect()).serve(call, head, false)
    return call
  }

  #take(): Connection | null {
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined) return null
      if (connection.isGone) continue
      if (!connection.isOlderThan(this.#lifetimeMs)) return connection
      connection.giveUp(null)
    }
  }

  #connect(): Connection {
    const connection = new Connection(this, this.#open, keepAliveMs)
    this.#all.add(connection)
    this.#heart ??= setInterval(() => {
      this.beats += 1
      for (const each of this.#all) each.onBeat()
    }, this.beatMs).unref()
    return connection
  }
}

function refuseToSend(call: OpenCall): void {
  if (!call.isAborted) call.failed(new InvalidRequest('the request cannot be written'))
}
