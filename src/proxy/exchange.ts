import type { ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Dispatcher } from 'undici'
import { isCoded, toFinal, toStrings } from './answer-head.ts'
import { EventStream, isEventStream } from './events/stream.ts'

/** Ends an event stream with one more event, where one can be added. Only the first call counts. */
export type EndStream = (lastEvent: string) => void

/** What the exchange asks its owner. Each is called at most once, and exactly one of `onFailed` and `onDone` always. */
export interface ExchangeEvents {
  /** The headers of the answer for the client, or null to take the answer over (`onTakenOver` gets its body). */
  headersFor(status: number, upstreamHeaders: readonly string[]): readonly string[] | null
  /** The body of an answer that was taken over: at most `takeOverLimit` bytes of it. */
  onTakenOver(body: Buffer): void
  /** An event stream is about to begin. False: it must not, and the owner has answered; the stream at FastAPI is ended. */
  onStream(end: EndStream): boolean
  /** Nothing has been written to the client, and nothing will be by the exchange. */
  onFailed(error: Error): void
  /** The answer had begun when it failed: the client's connection has been cut so that the cut is visible. */
  onCut(error: Error): void
  /** FastAPI's side is over, however it ended; the client may still be reading. */
  onDone(): void
}

const takeOverLimit = 65_536

/** Interim answers before the answer: more than any server has to say, few enough to come to an end. */
const interimLimit = 100

/**
 * One request at FastAPI, from dispatch to the last byte at the client. undici calls it synchronously as bytes arrive, and
 * it writes them as they are: no buffering, no stream objects in between. Backpressure passes through both ways; a client
 * that leaves ends the request at FastAPI at once, and one that does not read is cut like a FastAPI that does not write.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #reply: ServerResponse
  readonly #events: ExchangeEvents
  readonly #idleMs: number
  readonly #streamIdleMs: number
  #controller: Dispatcher.DispatchController | null = null
  #idle: NodeJS.Timeout | null = null
  /** The owner has been told how FastAPI's side ended: whatever comes from there now is too late. */
  #isOver = false
  #takenOver: { readonly chunks: Buffer[]; size: number } | null = null
  #stream: EventStream | null = null
  #interims = 0

  constructor(
    reply: ServerResponse,
    events: ExchangeEvents,
    timeout: { readonly idleMs: number; readonly streamIdleMs: number },
  ) {
    this.#reply = reply
    this.#events = events
    this.#idleMs = timeout.idleMs
    this.#streamIdleMs = timeout.streamIdleMs
    reply.on('close', this.#onClose)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) controller.abort(new ClientGone())
    else this.#controller = controller
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#isOver) return
    if (status < 200) {
      this.#passOver(controller, status)
      return
    }
    const upstreamHeaders = toStrings(controller.rawHeaders)
    if (status > 599 || isCoded(upstreamHeaders)) {
      controller.abort(new InvalidAnswer())
      return
    }
    const headers = this.#events.headersFor(status, upstreamHeaders)
    const hasBody = status !== 204 && status !== 304 && this.#reply.req.method !== 'HEAD'
    if (headers === null) this.#takenOver = { chunks: [], size: 0 }
    else if (hasBody && isEventStream(headers)) {
      this.#beginStream(controller, status, headers)
      return
    } else this.#reply.writeHead(status, toFinal(status, headers))
    this.#watchIdle(this.#idleMs)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return
    this.#idle?.refresh()
    if (this.#takenOver !== null) {
      this.#collect(this.#takenOver, controller, chunk)
      return
    }
    const isRead = this.#stream?.write(chunk) ?? this.#reply.write(chunk)
    if (isRead || controller.paused) return
    controller.pause()
    this.#reply.once('drain', () => {
      this.#idle?.refresh()
      controller.resume()
    })
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    if (this.#takenOver !== null) {
      this.#handOver(this.#takenOver)
      return
    }
    this.#isOver = true
    this.#stream?.stop()
    this.#reply.end()
    // What is left is the client's to read, in its own time but not for ever.
    this.#idle?.refresh()
    this.#events.onDone()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#isOver) return
    this.#letGo()
    if (error instanceof ClientGone) this.#events.onDone()
    else if (!this.#reply.headersSent) this.#events.onFailed(error)
    else {
      cut(this.#reply)
      this.#events.onCut(error)
      this.#events.onDone()
    }
  }

  /** RFC 9110 §15.2: interim answers are not the answer. Nobody waits for them here, so they go no further. */
  #passOver(controller: Dispatcher.DispatchController, status: number): void {
    this.#interims += 1
    // Nobody asked for another protocol, and nobody waits for ever.
    if (status === 101 || this.#interims > interimLimit) controller.abort(new InvalidAnswer())
  }

  #beginStream(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: readonly string[],
  ): void {
    const stream = new EventStream(this.#reply, headers)
    const end: EndStream = (lastEvent) => {
      if (!this.#isOver) stream.end(lastEvent, onEnded)
    }
    const onEnded = (): void => {
      this.#isOver = true
      this.#watchIdle(this.#idleMs)
      controller.abort(new NotNeeded())
      this.#events.onDone()
    }
    if (!this.#events.onStream(end)) {
      this.#letGo()
      controller.abort(new NotNeeded())
      this.#events.onDone()
      return
    }
    this.#stream = stream
    this.#reply.writeHead(status, headers as string[])
    // A stream's first event may be long in coming; its headers must not be.
    this.#reply.flushHeaders()
    this.#watchIdle(this.#streamIdleMs)
    stream.begun()
  }

  #watchIdle(ms: number): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = ms > 0 ? setTimeout(Exchange.#onIdle, ms, this) : null
  }

  #collect(
    taken: { readonly chunks: Buffer[]; size: number },
    controller: Dispatcher.DispatchController,
    chunk: Buffer,
  ): void {
    taken.chunks.push(Buffer.from(chunk.subarray(0, takeOverLimit - taken.size)))
    taken.size += chunk.length
    if (taken.size < takeOverLimit) return
    this.#handOver(taken)
    controller.abort(new NotNeeded())
  }

  #handOver(taken: { readonly chunks: readonly Buffer[] }): void {
    this.#letGo()
    this.#events.onTakenOver(Buffer.concat(taken.chunks))
    this.#events.onDone()
  }

  /** The reply is the owner's again, and nothing that happens to it concerns this exchange. */
  #letGo(): void {
    this.#isOver = true
    this.#stream?.stop()
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#reply.off('close', this.#onClose)
  }

  readonly #onClose = (): void => {
    if (this.#idle !== null) clearTimeout(this.#idle)
    if (this.#isOver) return
    this.#isOver = true
    this.#stream?.stop()
    // Where there is no controller yet, the connection is still being made: `onRequestStart` will find that it is over.
    this.#controller?.abort(new ClientGone())
    this.#events.onDone()
  }

  /** One function for all: a timer is set for nearly every answer. */
  static readonly #onIdle = (exchange: Exchange): void => {
    if (exchange.#isOver) exchange.#reply.destroy()
    else exchange.#controller?.abort(new UpstreamIdle())
  }
}

/** The client closed its connection before the answer was complete. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
  /** What Node says of it, for whoever looks at the body that broke off. */
  readonly code = 'ECONNRESET'
}

/** No byte moved for as long as the upstream's idle time-out. */
export class UpstreamIdle extends Error {
  override readonly name = 'UpstreamIdle'
}

/** Well-formed, but not an answer to what was asked. */
export class InvalidAnswer extends Error {
  override readonly name = 'InvalidAnswer'
}

/** Nobody needs the rest of the answer. */
class NotNeeded extends Error {
  override readonly name = 'NotNeeded'
}

/**
 * RFC 9112 §8: an answer that cannot be finished must not look finished. To HTTP/1.0 the end of the connection is the end of the
 * answer, and only a reset says otherwise.
 */
function cut(reply: ServerResponse): void {
  const { socket } = reply
  if (reply.req.httpVersionMinor === 0 && socket !== null && !(socket instanceof TLSSocket)) {
    socket.resetAndDestroy()
  } else reply.destroy()
}
