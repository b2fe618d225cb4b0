import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BodySink, RequestBody } from '../upstream/http1/port.ts'
import { BodyTooLarge, BodyTooSlow, ClientGone } from './failure.ts'
import { watchPace, type Pace } from './pace.ts'

/**
 * The request body on its way to FastAPI. When the answer comes before the upload has ended, the rest is let flow away: destroying
 * the request would cut the connection on which that answer has yet to be written.
 */
export class Upload implements RequestBody {
  readonly chunked: boolean
  readonly #source: IncomingMessage
  readonly #reply: ServerResponse
  readonly #limit: number
  #sink: BodySink | null = null
  #received = 0

  /** @param limit bytes; a body without `Content-Length` can only be measured while it passes */
  constructor(
    source: IncomingMessage,
    reply: ServerResponse,
    { chunked, limit, pace }: { readonly chunked: boolean; readonly limit: number; pace?: Pace },
  ) {
    this.chunked = chunked
    this.#source = source
    this.#reply = reply
    this.#limit = limit
    source.pause()
    source.on('data', this.#onData)
    source.on('end', this.#onEnd)
    source.on('error', this.#onError)
    watchPace(source, this.#onSlow, pace)
  }

  sendTo(sink: BodySink): void {
    this.#sink = sink
    // RFC 9110 §10.1.1: the client is asked for its body only once somebody wants it.
    if (expectsContinue(this.#source)) this.#reply.writeContinue()
    // An empty one ends although nobody reads it.
    if (this.#source.readableEnded) this.#onEnd()
    else this.#source.resume()
  }

  resume(): void {
    this.#source.resume()
  }

  stop(failed: boolean): void {
    this.#sink = null
    this.#source.off('data', this.#onData)
    this.#source.off('end', this.#onEnd)
    // The rest of the body is of no use to anybody, but the connection may be: let it flow away.
    if (!failed) this.#source.on('data', this.#onWaste)
    this.#source.resume()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length
    if (this.#received > this.#limit) this.#fail(new BodyTooLarge())
    else if (this.#sink?.write(chunk) === false) this.#source.pause()
  }

  /** FastAPI has answered without it; what is more than the route accepts is not worth reading. */
  readonly #onWaste = (chunk: Buffer): void => {
    this.#received += chunk.length
    if (this.#received > this.#limit) this.#source.destroy()
  }

  readonly #onEnd = (): void => {
    this.#sink?.end()
    this.#sink = null
  }

  readonly #onError = (): void => {
    this.#fail(new ClientGone())
  }

  readonly #onSlow = (): void => {
    // An answer that came before the upload had ended leaves nobody to tell.
    if (this.#sink === null) this.#source.destroy()
    else this.#fail(new BodyTooSlow())
  }

  #fail(error: Error): void {
    const sink = this.#sink
    if (sink === null) return
    this.stop(true)
    sink.fail(error)
  }
}

/** RFC 9110 §10.1.1: to HTTP/1.0 an interim answer would be the answer. */
export function expectsContinue({ httpVersionMinor, headers }: IncomingMessage): boolean {
  return httpVersionMinor > 0 && headers.expect?.toLowerCase() === '100-continue'
}

/** Whether a request announces a body (RFC 9112 §6.3). */
export function hasBody(contentLength: string | null, chunked: boolean): boolean {
  return chunked || (contentLength !== null && contentLength !== '0')
}
