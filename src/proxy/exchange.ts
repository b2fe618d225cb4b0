import type { ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Task, Turn } from '../upstream/http1/turn.ts'
import type { AnswerHandler, Call } from '../upstream/http1/port.ts'
import { endWith, toFinal, toPiece, writePiece, type Piece } from './answer.ts'
import { EventStream, isEventStream } from './events/stream.ts'
import { ClientGone } from './failure.ts'

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

interface Head {
  readonly status: number
  readonly headers: string[]
}

/**
 * One answer of FastAPI's, from its head to the last byte at the client. Bytes are written as they arrive, without stream objects in
 * between; only the last ones wait for the end of the turn. Backpressure passes through both ways; a client that leaves ends the
 * request at FastAPI at once, and one that does not read is cut like a FastAPI that does not write.
 */
export class Exchange implements AnswerHandler, Task {
  readonly #reply: ServerResponse
  readonly #events: ExchangeEvents
  readonly #idleMs: number
  readonly #streamIdleMs: number
  readonly #turn: Turn
  #call: Call | null = null
  /** The owner has been told how FastAPI's side ended: whatever comes from there now is too late. */
  #isOver = false
  #isWaiting = false
  #takenOver: { readonly chunks: Buffer[]; size: number } | null = null
  #stream: EventStream | null = null
  /** Not written before something follows it: an answer that turns out to be none can be replaced until then. */
  #head: Head | null = null
  #last: Piece | null = null
  #tail: NodeJS.Timeout | null = null

  constructor(
    reply: ServerResponse,
    events: ExchangeEvents,
    timeout: { readonly idleMs: number; readonly streamIdleMs: number },
    turn: Turn,
  ) {
    this.#reply = reply
    this.#events = events
    this.#idleMs = timeout.idleMs
    this.#streamIdleMs = timeout.streamIdleMs
    this.#turn = turn
    reply.on('close', this.#onClose)
  }

  /** @param call the request that is answered; nothing has been heard of it yet */
  begin(call: Call): void {
    this.#call = call
  }

  onHead(status: number, upstreamHeaders: readonly string[]): void {
    if (this.#isOver) return
    const headers = this.#events.headersFor(status, upstreamHeaders)
    const hasBody = status !== 204 && status !== 304 && this.#reply.req.method !== 'HEAD'
    if (headers === null) this.#takenOver = { chunks: [], size: 0 }
    else if (hasBody && isEventStream(headers)) this.#beginStream(status, headers)
    else this.#head = { status, headers: toFinal(status, headers) }
  }

  onQuiet(): void {
    if (this.#head === null) return
    this.#writeHead(this.#head)
    this.#reply.flushHeaders()
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return
    if (this.#takenOver !== null) {
      this.#collect(this.#takenOver, chunk)
      return
    }
    if (this.#head !== null) this.#writeHead(this.#head)
    const isRead = this.#stream?.write(chunk) ?? writePiece(this.#reply, toPiece(chunk))
    if (isRead || this.#isWaiting) return
    this.#isWaiting = true
    this.#call?.pause()
    this.#reply.once('drain', this.#onDrain)
  }

  onEnd(last: Buffer | null): void {
    if (this.#isOver) return
    if (this.#takenOver !== null) {
      if (last === null || this.#collect(this.#takenOver, last)) this.#handOver(this.#takenOver)
      return
    }
    if (this.#stream !== null) {
      if (last !== null) this.#stream.write(last)
      // That may have been the end of the event that was waited for.
      if (this.#stream.isEnded) return
      this.#stream.stop()
    } else if (last !== null) this.#last = toPiece(last)
    this.#isOver = true
    this.#turn.add(this)
    this.#events.onDone()
  }

  atEndOfTurn(): void {
    if (this.#head !== null) this.#writeHead(this.#head)
    endWith(this.#reply, this.#last)
    this.#watchTail()
  }

  giveUp(): void {
    this.#reply.destroy()
  }

  onError(error: Error): void {
    if (this.#isOver) return
    this.#letGo()
    if (error instanceof ClientGone) this.#events.onDone()
    else if (!this.#reply.headersSent) this.#events.onFailed(error)
    else {
      // What has been written in this turn is the client's to see.
      setImmediate(cut, this.#reply)
      this.#events.onCut(error)
      this.#events.onDone()
    }
  }

  #writeHead({ status, headers }: Head): void {
    this.#head = null
    this.#reply.writeHead(status, headers)
  }

  #beginStream(status: number, headers: readonly string[]): void {
    const stream = new EventStream(this.#reply, headers)
    const end: EndStream = (lastEvent) => {
      if (!this.#isOver) stream.end(lastEvent, onEnded)
    }
    const onEnded = (): void => {
      this.#isOver = true
      this.#watchTail()
      this.#call?.abort()
      this.#events.onDone()
    }
    if (!this.#events.onStream(end)) {
      this.#letGo()
      this.#call?.abort()
      this.#events.onDone()
      return
    }
    this.#stream = stream
    this.#reply.writeHead(status, headers as string[])
    // A stream's first event may be long in coming; its headers must not be.
    this.#reply.flushHeaders()
    this.#call?.allowIdle(this.#streamIdleMs)
    stream.begun()
  }

  /** What is left is the client's to read, in its own time but not for ever. */
  #watchTail(): void {
    if (this.#idleMs === 0 || this.#reply.writableLength === 0 || this.#reply.destroyed) return
    this.#tail = setTimeout(() => this.#reply.destroy(), this.#idleMs)
  }

  /** Returns whether there is room for more; where there is none, it has handed over what there is. */
  #collect(taken: { readonly chunks: Buffer[]; size: number }, chunk: Buffer): boolean {
    taken.chunks.push(Buffer.from(chunk.subarray(0, takeOverLimit - taken.size)))
    taken.size += chunk.length
    if (taken.size < takeOverLimit) return true
    this.#call?.abort()
    this.#handOver(taken)
    return false
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
    this.#reply.off('close', this.#onClose)
  }

  readonly #onDrain = (): void => {
    this.#isWaiting = false
    this.#call?.resume()
  }

  readonly #onClose = (): void => {
    if (this.#tail !== null) clearTimeout(this.#tail)
    if (this.#isOver) return
    this.#isOver = true
    this.#stream?.stop()
    this.#call?.abort()
    this.#events.onDone()
  }
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
