import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { ClientGone } from './exchange.ts'
import { watchPace, type Pace } from './pace.ts'

/** Thrown into the exchange when a body turns out larger than its route accepts. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

/** Thrown into the exchange when the client sends its body more slowly than a client may. */
export class BodyTooSlow extends Error {
  override readonly name = 'BodyTooSlow'
}

/**
 * The request body on its way to FastAPI. It stands between the client's socket and undici because undici destroys the
 * body stream when the answer comes before the upload has ended, and destroying Node's request would cut the
 * connection on which that answer has yet to be written.
 */
export class UploadBody extends Readable {
  readonly #source: IncomingMessage
  readonly #reply: ServerResponse
  readonly #limit: number
  #expectsContinue: boolean
  #received = 0

  /** @param limit bytes; a body without `Content-Length` can only be measured while it passes */
  constructor(source: IncomingMessage, reply: ServerResponse, limit: number, pace?: Pace) {
    super()
    this.#source = source
    this.#reply = reply
    this.#limit = limit
    this.#expectsContinue = expectsContinue(source)
    // Whoever reads this may let go of it before the client does; an error that nobody hears would end the process.
    this.on('error', () => undefined)
    source.on('data', this.#onData)
    source.on('end', this.#onEnd)
    source.on('error', this.#onError)
    source.pause()
    watchPace(source, this.#onSlow, pace)
  }

  override _read(): void {
    // RFC 9110 §10.1.1: the client is asked for its body only once somebody wants it.
    if (this.#expectsContinue) {
      this.#expectsContinue = false
      this.#reply.writeContinue()
    }
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#source.off('data', this.#onData)
    this.#source.off('end', this.#onEnd)
    // The rest of the body is of no use to anybody, but the connection may be: let it flow away.
    if (error === null) this.#source.on('data', this.#onWaste)
    this.#source.resume()
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length
    if (this.#received > this.#limit) {
      this.destroy(new BodyTooLarge())
      return
    }
    if (!this.push(chunk)) this.#source.pause()
  }

  /** FastAPI has answered without it; what is more than the route accepts is not worth reading. */
  readonly #onWaste = (chunk: Buffer): void => {
    this.#received += chunk.length
    if (this.#received > this.#limit) this.#source.destroy()
  }

  readonly #onEnd = (): void => {
    this.push(null)
  }

  readonly #onError = (): void => {
    this.destroy(new ClientGone())
  }

  readonly #onSlow = (): void => {
    // An answer that came before the upload had ended leaves nobody to tell.
    if (this.destroyed) this.#source.destroy()
    else this.destroy(new BodyTooSlow())
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
