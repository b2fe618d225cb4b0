import { readAnswerHead, type AnswerHead } from './answer-head.ts'
import { ChunkedBody, EndlessBody, MeasuredBody, type BodyReader } from './bodies.ts'
import { InvalidAnswer } from '../failure.ts'
import type { AnswerHandler } from '../port.ts'

/** The head of an answer may be this long; interim answers before it may be this many. */
const longestHead = 65_536
const mostInterims = 100

const headEnd = Buffer.from('\r\n\r\n')

/** What a reader has come to: it needs more, the answer is complete (`surplus`: and bytes have come behind it), or it is none. */
export type Reading = 'more' | 'complete' | 'surplus' | Error

/**
 * Makes one answer of the bytes of a connection (RFC 9112 §2 to §7), however they are cut, and tells its handler of the head and the
 * pieces of the body. Of the end it does not tell: the last bytes are left in `last`.
 */
export class AnswerReader {
  readonly #method: string
  readonly #handler: AnswerHandler
  /** The beginning of a head. */
  #held: Buffer | null = null
  #interims = 0
  #body: BodyReader | null = null
  #isStopped = false
  head: AnswerHead | null = null
  /** Only the head has come. */
  isAlone = false
  /** The latest bytes of the body, as long as it is not known whether they are the last. */
  last: Buffer | null = null

  /** @param method of the request */
  constructor(method: string, handler: AnswerHandler) {
    this.#method = method
    this.#handler = handler
  }

  read(bytes: Buffer): Reading {
    // The handler is called from a socket: what it throws is a bug, and would end the process.
    try {
      return this.#body === null ? this.#readHead(bytes) : this.#readBody(this.#body, bytes, 0)
    } catch (error) {
      return error as Error
    }
  }

  /** The connection has ended. Returns whether that was the end of the answer, too. */
  end(): boolean {
    return this.#body instanceof EndlessBody
  }

  /** Whoever hears the answer has had enough, perhaps in the middle of what it is just being told. */
  stop(): void {
    this.#isStopped = true
  }

  #readHead(more: Buffer): Reading {
    const bytes = this.#held === null ? more : Buffer.concat([this.#held, more])
    this.#held = null
    const end = bytes.indexOf(headEnd)
    if (end === -1 || end > longestHead) {
      // The beginning of the empty line may be there already.
      if (bytes.length >= longestHead + headEnd.length)
        return new InvalidAnswer('the head is too long')
      if (!mayBegin(bytes)) return new InvalidAnswer('it does not begin as HTTP/1 does')
      this.#held = Buffer.from(bytes)
      return 'more'
    }
    const head = readAnswerHead(bytes.toString('latin1', 0, end + 2), this.#method)
    if (typeof head === 'string') return new InvalidAnswer(head)
    if (head.status < 200) return this.#passOver(head, bytes.subarray(end + 4))
    this.head = head
    this.isAlone = true
    this.#handler.onHead(head.status, head.headers)
    this.#body = bodyOf(head)
    return this.#isStopped ? 'more' : this.#readBody(this.#body, bytes, end + 4)
  }

  /** RFC 9110 §15.2: interim answers are not the answer. Nobody waits for them here, so they go no further. */
  #passOver({ status, closes }: AnswerHead, rest: Buffer): Reading {
    this.#interims += 1
    if (status <= 101) return new InvalidAnswer(`a ${status}, which nobody asked for`)
    if (closes) return new InvalidAnswer('an interim answer that nothing may follow')
    if (this.#interims > mostInterims)
      return new InvalidAnswer('there is no end of interim answers')
    return rest.length === 0 ? 'more' : this.#readHead(rest)
  }

  #readBody(body: BodyReader, bytes: Buffer, from: number): Reading {
    const read = body.read(bytes, from, this.#take)
    if (read === -1) return new InvalidAnswer('a chunk of the body is none')
    if (body.isOver) return read < bytes.length ? 'surplus' : 'complete'
    const { last } = this
    this.last = null
    if (last !== null && !this.#isStopped) this.#handler.onData(last)
    return 'more'
  }

  readonly #take = (piece: Buffer): void => {
    const before = this.last
    this.last = piece
    this.isAlone = false
    if (before !== null && !this.#isStopped) this.#handler.onData(before)
  }
}

const beginning = Buffer.from('HTTP/1.')

function mayBegin(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length)
  return bytes.compare(beginning, 0, length, 0, length) === 0
}

function bodyOf({ framing }: AnswerHead): BodyReader {
  if (framing === 'chunked') return new ChunkedBody()
  return framing === 'close' ? new EndlessBody() : new MeasuredBody(framing)
}
