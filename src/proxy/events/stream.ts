import type { ServerResponse } from 'node:http'
import type { Problem } from '../../errors/problem.ts'
import { toPiece, writePiece } from '../answer.ts'
import { EventBoundary } from './boundary.ts'

/** How long an event that is under way may take to end, milliseconds, before the stream ends without it. */
const patienceMs = 1000

/**
 * An event stream on its way to the client. It passes every byte on as it comes, and can be ended with an event of ours: between two
 * events of FastAPI's, never inside one, and never in an encoding that we would have to take part in.
 */
export class EventStream {
  readonly #reply: ServerResponse
  /** null: nothing can be added, because the stream is encoded or its length has been announced. */
  readonly #boundary: EventBoundary | null
  readonly #isMeasured: boolean
  #lastEvent: string | null = null
  #onEnded: (() => void) | null = null
  #patience: NodeJS.Timeout | null = null
  #isEnded = false

  /** @param headers of the answer, flat, names lower case */
  constructor(reply: ServerResponse, headers: readonly string[]) {
    this.#reply = reply
    this.#isMeasured = valueOf(headers, 'content-length') !== null
    const encoding = valueOf(headers, 'content-encoding')
    const isPlain = encoding === null || encoding.toLowerCase() === 'identity'
    this.#boundary = isPlain && !this.#isMeasured ? new EventBoundary() : null
  }

  /** Ended with an event of ours. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Passes on bytes that are overwritten after the call. Returns whether the client keeps up. */
  write(chunk: Buffer): boolean {
    if (this.#lastEvent === null || this.#boundary === null) {
      this.#boundary?.pass(chunk)
      return writePiece(this.#reply, toPiece(chunk))
    }
    const length = this.#boundary.passEvent(chunk)
    if (length === -1) return writePiece(this.#reply, toPiece(chunk))
    writePiece(this.#reply, toPiece(chunk.subarray(0, length)))
    this.#finish()
    return true
  }

  /**
   * Ends the stream with one more event: at once, or after the event that is under way if that ends within a second, or without
   * it. The head of the answer may still be on its way to being written. Only the first call counts.
   * @param lastEvent with the empty line that ends it
   * @param onEnded called once, when nothing more of FastAPI's will be passed on
   */
  end(lastEvent: string, onEnded: () => void): void {
    if (this.#onEnded !== null) return
    this.#onEnded = onEnded
    this.#lastEvent = lastEvent
    if (this.#reply.headersSent) this.#endSoon()
  }

  /** The head has been written; what was said before that is done now. */
  begun(): void {
    if (this.#onEnded !== null) this.#endSoon()
  }

  /** FastAPI or the client has ended it in the meantime. */
  stop(): void {
    if (this.#patience !== null) clearTimeout(this.#patience)
    this.#patience = null
  }

  #endSoon(): void {
    if (this.#boundary === null || this.#boundary.isHere) {
      this.#finish()
      return
    }
    this.#patience = setTimeout(() => {
      this.#lastEvent = null
      this.#finish()
    }, patienceMs)
  }

  #finish(): void {
    this.stop()
    this.#isEnded = true
    // Bytes that were announced and do not come are a broken answer, and must look like one (RFC 9112 §8).
    if (this.#isMeasured) this.#reply.destroy()
    else if (this.#boundary === null || this.#lastEvent === null) this.#reply.end()
    else this.#reply.end(this.#lastEvent)
    this.#onEnded?.()
  }
}

/** Whether an answer is an event stream, whatever the parameters of its type. Names lower case. */
export function isEventStream(headers: readonly string[]): boolean {
  const type = valueOf(headers, 'content-type')
  return type !== null && /^text\/event-stream\s*(?:;|$)/i.test(type)
}

function valueOf(headers: readonly string[], name: string): string | null {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === name) return headers[index + 1] ?? ''
  }
  return null
}

/** The event that ends a stream (HTML §9.2.6). Whoever is told to leave together with everybody else is also told when to come back. */
export function toLastEvent(problem: Problem): string {
  const retry = problem.code === 'shutting_down' ? `retry: ${someSeconds()}\n` : ''
  return `${retry}event: sallyport\ndata: ${JSON.stringify(problem)}\n\n`
}

/** One to three seconds, in milliseconds. */
function someSeconds(): number {
  return 1000 + Math.floor(Math.random() * 2001)
}
