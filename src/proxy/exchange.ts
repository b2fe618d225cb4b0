import type { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'

/** What the exchange asks its owner; none of it is called twice. */
export interface ExchangeEvents {
  /** The headers of the answer for the client, or null to take the answer over (`onTakenOver` gets its body). */
  headersFor(status: number, upstreamHeaders: readonly string[]): readonly string[] | null
  /** The body of an answer that was taken over: at most `takeOverLimit` bytes of it. */
  onTakenOver(status: number, body: Buffer): void
  /** Nothing has been written to the client yet, and nothing will be by the exchange. */
  onFailed(error: Error): void
  /** The answer had begun when it failed: the client's connection has been cut so that the cut is visible. */
  onCut(error: Error): void
}

const takeOverLimit = 65_536

/**
 * One request at FastAPI, from dispatch to the last byte at the client. undici calls it synchronously as bytes arrive, and
 * it writes them as they are: no buffering, no stream objects in between. Backpressure passes through both ways; a client
 * that leaves ends the request at FastAPI at once.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #reply: ServerResponse
  readonly #events: ExchangeEvents
  readonly #idleMs: number
  #controller: Dispatcher.DispatchController | null = null
  #idle: NodeJS.Timeout | null = null
  #clientGone = false
  #takenOver: { readonly status: number; readonly chunks: Buffer[]; size: number } | null = null

  constructor(reply: ServerResponse, events: ExchangeEvents, idleMs: number) {
    this.#reply = reply
    this.#events = events
    this.#idleMs = idleMs
    reply.on('close', this.#onClose)
    reply.on('drain', this.#onDrain)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#clientGone) controller.abort(new ClientGone())
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const headers = this.#events.headersFor(status, toStrings(controller.rawHeaders))
    if (headers === null) {
      this.#takenOver = { status, chunks: [], size: 0 }
      return
    }
    this.#reply.writeHead(status, headers as string[])
    if (this.#idleMs > 0 && !isEventStream(headers)) {
      this.#idle = setTimeout(this.#onIdle, this.#idleMs)
    } else {
      // A stream's first event may be long in coming; its headers must not be.
      this.#reply.flushHeaders()
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#idle?.refresh()
    if (this.#takenOver !== null) this.#collect(this.#takenOver, chunk)
    else if (!this.#reply.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    this.#detach()
    if (this.#takenOver === null) this.#reply.end()
    else this.#events.onTakenOver(this.#takenOver.status, Buffer.concat(this.#takenOver.chunks))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#detach()
    if (this.#clientGone) return
    if (this.#reply.headersSent) {
      // RFC 9112 §8: an answer that cannot be finished must not look finished.
      this.#reply.destroy()
      this.#events.onCut(error)
    } else this.#events.onFailed(error)
  }

  #collect(taken: { readonly chunks: Buffer[]; size: number }, chunk: Buffer): void {
    if (taken.size >= takeOverLimit) return
    taken.chunks.push(Buffer.from(chunk.subarray(0, takeOverLimit - taken.size)))
    taken.size += chunk.length
  }

  #detach(): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#reply.off('close', this.#onClose)
    this.#reply.off('drain', this.#onDrain)
  }

  readonly #onClose = (): void => {
    if (this.#reply.writableFinished) return
    this.#clientGone = true
    this.#controller?.abort(new ClientGone())
  }

  readonly #onDrain = (): void => {
    this.#idle?.refresh()
    this.#controller?.resume()
  }

  readonly #onIdle = (): void => {
    this.#controller?.abort(new UpstreamIdle())
  }
}

/** The client closed its connection before the answer was complete. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** No byte moved for as long as the upstream's idle time-out. */
export class UpstreamIdle extends Error {
  override readonly name = 'UpstreamIdle'
}

function toStrings(raw: Dispatcher.DispatchController['rawHeaders']): readonly string[] {
  if (!Array.isArray(raw)) return []
  const strings: string[] = new Array<string>(raw.length)
  for (let index = 0; index < raw.length; index += 1) {
    const item = raw[index] as Buffer | string
    // RFC 9110 §5.5: bytes above ASCII are opaque; latin1 carries them through unchanged.
    strings[index] = typeof item === 'string' ? item : item.toString('latin1')
  }
  return strings
}

function isEventStream(headers: readonly string[]): boolean {
  const index = headers.indexOf('content-type')
  return index !== -1 && headers[index + 1]?.startsWith('text/event-stream') === true
}
