import { fieldLines } from './answer-head.ts'

/** Finds the pieces of a body among the bytes of a connection. */
export interface BodyReader {
  /** The body is complete. Never so for one that ends with its connection. */
  readonly isOver: boolean
  /**
   * Hands on the pieces of the body that are in `bytes`.
   * @param from where its bytes begin
   * @returns how far it read; less than all only where the body is over; -1 where the framing is broken
   */
  read(bytes: Buffer, from: number, take: (piece: Buffer) => void): number
}

/** A body whose length was announced. */
export class MeasuredBody implements BodyReader {
  #left: number

  constructor(length: number) {
    this.#left = length
  }

  get isOver(): boolean {
    return this.#left === 0
  }

  read(bytes: Buffer, from: number, take: (piece: Buffer) => void): number {
    const to = Math.min(bytes.length, from + this.#left)
    if (to > from) take(bytes.subarray(from, to))
    this.#left -= to - from
    return to
  }
}

/** A body that ends with its connection. */
export class EndlessBody implements BodyReader {
  readonly isOver = false

  read(bytes: Buffer, from: number, take: (piece: Buffer) => void): number {
    if (bytes.length > from) take(bytes.subarray(from))
    return bytes.length
  }
}

const [cr, lf, semicolon] = [0x0d, 0x0a, 0x3b]
/** Sizes up to 2^48 - 1: no sum of such numbers is wrong, and no body is larger. */
const mostDigits = 12
/** Bytes that extensions of one chunk, or the trailer section, may have. Nobody needs them. */
const mostUnread = 16_384

/** RFC 9112 §7.1.1, without the blanks that it allows and nobody sends. */
const extensions =
  /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[\t\x20-\x21\x23-\x5b\x5d-\x7e]|\\[\t\x20-\x7e])*"))?)*$/
/** RFC 9110 §6.5.1: the length of a message is not said after it. */
const framing = /^(?:content-length|transfer-encoding):/im

type State = 'size' | 'extension' | 'size-end' | 'data' | 'data-cr' | 'data-lf' | Trailer
type Trailer = 'trailer-start' | 'trailer' | 'trailer-lf' | 'end'

/**
 * A chunked body (RFC 9112 §7.1), read strictly: lines end with CR LF, sizes are hexadecimal digits, and extensions and trailers are
 * what they must be. Both are dropped (§7.1.1, RFC 9110 §6.5.1), and there may not be many of them.
 */
export class ChunkedBody implements BodyReader {
  #state: State = 'size'
  #left = 0
  #digits = 0
  /** Of the extensions of a chunk, or of the trailers, latin1. */
  #text = ''
  isOver = false

  read(bytes: Buffer, from: number, take: (piece: Buffer) => void): number {
    let at = from
    while (at < bytes.length && !this.isOver) {
      if (this.#state === 'data') {
        const to = Math.min(bytes.length, at + this.#left)
        take(bytes.subarray(at, to))
        this.#left -= to - at
        at = to
        if (this.#left === 0) this.#state = 'data-cr'
      } else {
        if (!this.#step(bytes[at] ?? 0)) return -1
        at += 1
      }
    }
    return at
  }

  /** One byte that is not of a chunk's data. Returns whether it may stand there. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case 'size':
        return this.#readSize(byte)
      case 'extension':
        return byte === cr ? this.#become('size-end') : this.#collect(byte)
      case 'size-end':
        return byte === lf && extensions.test(this.#text) && this.#beginChunk()
      case 'data-cr':
        return byte === cr && this.#become('data-lf')
      case 'data-lf':
        return byte === lf && this.#become('size')
      case 'trailer-start':
        if (byte === cr) return this.#become('end')
        this.#state = 'trailer'
        return this.#collect(byte)
      case 'trailer':
        return byte === cr ? this.#become('trailer-lf') : this.#collect(byte)
      case 'trailer-lf':
        this.#text += '\r\n'
        return byte === lf && this.#become('trailer-start')
      case 'end':
        return byte === lf && this.#finish()
      case 'data':
        return false
      default:
        return this.#state satisfies never
    }
  }

  #readSize(byte: number): boolean {
    const digit = hexadecimal(byte)
    if (digit >= 0) {
      this.#left = this.#left * 16 + digit
      this.#digits += 1
      return this.#digits <= mostDigits
    }
    if (this.#digits === 0) return false
    if (byte === cr) return this.#become('size-end')
    this.#state = 'extension'
    return byte === semicolon && this.#collect(byte)
  }

  #beginChunk(): true {
    this.#digits = 0
    this.#text = ''
    return this.#become(this.#left === 0 ? 'trailer-start' : 'data')
  }

  #collect(byte: number): boolean {
    this.#text += String.fromCharCode(byte)
    return byte !== lf && this.#text.length <= mostUnread
  }

  #finish(): boolean {
    this.isOver = this.#text === '' || (fieldLines.test(this.#text) && !framing.test(this.#text))
    return this.isOver
  }

  #become(state: State): true {
    this.#state = state
    return true
  }
}

function hexadecimal(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
