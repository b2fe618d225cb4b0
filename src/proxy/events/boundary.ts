const lineFeed = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = [0xef, 0xbb, 0xbf]

/** Where in a stream of events the bytes so far have come to. A carriage return may turn out to be half of a line end. */
const inLine = 0
const lineStart = 1
const lineStartAfterReturn = 2
const boundary = 3
const boundaryAfterReturn = 4
type Place = 0 | 1 | 2 | 3 | 4

/** How many of the last bytes decide where a chunk ends: an empty line is at most CR, CR, LF. */
const telling = 3

/**
 * Follows an event stream (HTML §9.2.5) and knows whether it stands between two events: at its start, or after an empty line. Lines end
 * with LF, CR LF or CR, and chunks end anywhere. Pure; knows nothing of fields, and does not check that the bytes are UTF-8.
 */
export class EventBoundary {
  #place: Place = boundary
  /** Bytes so far, as long as they are the beginning of a byte order mark; then -1. */
  #marked = 0

  /** Another event could be written here without becoming part of one that is under way. */
  get isHere(): boolean {
    return this.#place >= boundary
  }

  /** Takes note of bytes that are passed on. */
  pass(chunk: Uint8Array): void {
    if (this.#marked >= 0) {
      for (const byte of chunk) this.#step(byte)
      return
    }
    const from = Math.max(0, chunk.length - telling)
    // What came before the last bytes cannot change what they say.
    if (from > 0) this.#place = inLine
    for (let index = from; index < chunk.length; index += 1) this.#step(chunk[index] ?? 0)
  }

  /** The same, only as far as the end of the event that is under way. Returns how many bytes that is, or -1: not in this chunk. */
  passEvent(chunk: Uint8Array): number {
    for (let index = 0; index < chunk.length; index += 1) {
      this.#step(chunk[index] ?? 0)
      if (!this.isHere) continue
      // The other half of the line end, where it is at hand.
      const isHalf = this.#place === boundaryAfterReturn && chunk[index + 1] === lineFeed
      return isHalf ? index + 2 : index + 1
    }
    return -1
  }

  #step(byte: number): void {
    this.#place = next(this.#place, byte)
    if (this.#marked < 0) return
    this.#marked = byte === byteOrderMark[this.#marked] ? this.#marked + 1 : -1
    // The mark is not part of the stream: what follows it is the start.
    if (this.#marked === byteOrderMark.length) {
      this.#place = boundary
      this.#marked = -1
    }
  }
}

function next(place: Place, byte: number): Place {
  if (byte === lineFeed) {
    if (place === lineStartAfterReturn) return lineStart
    return place === inLine ? lineStart : boundary
  }
  if (byte !== carriageReturn) return inLine
  return place === inLine ? lineStartAfterReturn : boundaryAfterReturn
}
