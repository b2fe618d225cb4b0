import type { Connection } from './connection.ts'
import type { AnswerHandler, BodySink, Call, UpstreamRequest } from '../port.ts'

/**
 * A request that is under way, and what its handler and its body hold it by. Once it is over it knows no connection: that one may
 * serve another by then.
 */
export class OpenCall implements Call, BodySink {
  readonly request: UpstreamRequest
  readonly handler: AnswerHandler
  idleMs: number
  /** How much of the body has been sent. */
  sent: 'nothing' | 'some' | 'all'
  connection: Connection | null = null
  isAborted = false

  readonly #onFault: (fault: unknown) => void

  /** @param onFault hears of what is thrown where nobody is left to be told, which is a bug */
  constructor(request: UpstreamRequest, handler: AnswerHandler, onFault: (fault: unknown) => void) {
    this.request = request
    this.handler = handler
    this.#onFault = onFault
    this.idleMs = request.idleMs
    this.sent = request.body === null ? 'all' : 'nothing'
  }

  pause(): void {
    this.connection?.pause()
  }

  resume(): void {
    this.connection?.resume()
  }

  allowIdle(ms: number): void {
    this.idleMs = ms
    this.connection?.touch()
  }

  abort(): void {
    this.isAborted = true
    this.connection?.giveUp(null)
  }

  write(chunk: Buffer): boolean {
    const { connection, request } = this
    if (connection === null) return true
    connection.touch()
    const { writer } = connection
    return request.body?.chunked === true ? writer.writeChunk(chunk) : writer.write(chunk)
  }

  end(): void {
    this.sent = 'all'
    if (this.request.body?.chunked === true) this.connection?.writer.endChunks()
  }

  fail(error: Error): void {
    this.sent = 'all'
    this.connection?.giveUp(error)
  }

  sendBody(): void {
    if (this.sent !== 'nothing') return
    this.sent = 'some'
    this.request.body?.sendTo(this)
  }

  resumeBody(): void {
    if (this.sent === 'some') this.request.body?.resume()
  }

  /** The answer is complete. @param last its last bytes */
  answered(last: Buffer | null): void {
    this.#stopBody(false)
    try {
      this.handler.onEnd(last)
    } catch (fault) {
      this.#onFault(fault)
    }
  }

  /** There will be no answer. @param error null: and nobody wants to hear of it */
  failed(error: Error | null): void {
    this.#stopBody(true)
    if (error === null) return
    try {
      this.handler.onError(error)
    } catch (fault) {
      this.#onFault(fault)
    }
  }

  /** What is left of the body is of no use. */
  #stopBody(failed: boolean): void {
    try {
      if (this.sent !== 'all') this.request.body?.stop(failed)
    } catch (fault) {
      this.#onFault(fault)
    }
  }
}
