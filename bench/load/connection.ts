import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly bytes: number
}

/**
 * One HTTP/1.1 connection that is as cheap as can be: it writes bytes that were made before, and reads of an answer no more
 * than its status and length. Answers need a `Content-Length`. One request at a time.
 */
export class Connection {
  readonly socket: Socket
  #waiting: PromiseWithResolvers<Answer> | null = null
  #head: Buffer | null = null
  #status = 0
  #length = 0
  #missing = 0

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')))
  }

  /** Opens a connection. Its reads go into one buffer that is used over and over. */
  static open(url: string, bufferBytes = 65_536): Promise<Connection> {
    const { hostname, port } = new URL(url)
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: hostname,
        port: Number(port),
        noDelay: true,
        onread: {
          buffer: Buffer.allocUnsafe(bufferBytes),
          callback: (length, buffer) => {
            connection.#read(buffer.subarray(0, length) as Buffer)
            return true
          },
        },
      })
      const connection = new Connection(socket)
      socket.once('error', reject)
      socket.once('connect', () => {
        resolve(connection)
      })
    })
  }

  /** Sends a request and resolves when its answer is complete. The rest of its body, if any, is the caller's to write. */
  send(request: Buffer): Promise<Answer> {
    this.#waiting = Promise.withResolvers<Answer>()
    this.socket.write(request)
    return this.#waiting.promise
  }

  #read(chunk: Buffer): void {
    if (this.#missing > 0) {
      this.#take(chunk.length)
      return
    }
    const seen = this.#head === null ? chunk : Buffer.concat([this.#head, chunk])
    const end = seen.indexOf('\r\n\r\n')
    if (end === -1) {
      this.#head = Buffer.from(seen)
      return
    }
    const head = seen.toString('latin1', 0, end)
    this.#head = null
    this.#status = Number(head.slice(9, 12))
    this.#length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? NaN)
    this.#missing = this.#length
    this.#take(seen.length - end - 4)
  }

  #take(bytes: number): void {
    this.#missing -= bytes
    // Not a number: an answer without a length cannot be followed.
    if (!(this.#missing > 0)) {
      const { promise: _, ...waiting } = this.#waiting ?? Promise.withResolvers<Answer>()
      this.#waiting = null
      if (this.#missing === 0) waiting.resolve({ status: this.#status, bytes: this.#length })
      else waiting.reject(new Error('an answer without a length, or longer than it said'))
      this.#missing = 0
    }
  }
}

/** The bytes of a request without a body. */
export function requestOf(
  url: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Buffer {
  const { pathname, host } = new URL(url)
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`${method} ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** Throws when an answer is not a 200: a refusal is fast too. */
export function mustSucceed({ status }: Answer, url: string): void {
  if (status !== 200) throw new Error(`${url} answered ${status}`)
}
