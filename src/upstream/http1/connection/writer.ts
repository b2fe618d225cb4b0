import type { Socket } from 'node:net'
import { release } from '../memory.ts'

/** Writes heads and bodies of requests on the socket of a connection. */
export class RequestWriter {
  readonly #socket: Socket
  #isFull = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** The target reads more slowly than the client writes. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Everything has left. */
  get isEmpty(): boolean {
    return this.#socket.writableLength === 0
  }

  drained(): void {
    this.#isFull = false
  }

  writeHead(head: string): void {
    this.#isFull = !this.#socket.write(head, 'latin1')
  }

  /** Returns whether more can be taken at once. Nobody may look at the bytes any more. */
  write(bytes: Buffer): boolean {
    this.#isFull = !this.#socket.write(bytes, (error) => {
      if (error == null) release(bytes)
    })
    return !this.#isFull
  }

  /** The same as a chunk (RFC 9112 §7.1); an empty one would be the end. */
  writeChunk(bytes: Buffer): boolean {
    if (bytes.length === 0) return !this.#isFull
    this.#socket.cork()
    this.#socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1')
    this.write(bytes)
    this.#socket.write('\r\n', 'latin1')
    this.#socket.uncork()
    return !this.#isFull
  }

  endChunks(): void {
    this.#socket.write('0\r\n\r\n', 'latin1')
  }
}
