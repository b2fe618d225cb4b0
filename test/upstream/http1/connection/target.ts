import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Test } from 'tap'

/** A connection as the target has it. */
export interface Peer {
  readonly socket: Socket
  /** Everything that has come. */
  text: string
  /** Requests that came on it. */
  requests: number
  isClosed: boolean
  readonly say: (text: string) => void
}

export interface Arrived {
  readonly peer: Peer
  /** From the request line to the empty line. */
  readonly head: string
  readonly method: string
  readonly path: string
  readonly body: string
}

export interface RawTarget {
  readonly origin: string
  /** Every connection there was, oldest first. */
  readonly peers: readonly Peer[]
  /** Connections that have not ended. */
  readonly open: () => readonly Peer[]
  readonly requests: readonly Arrived[]
}

/** Says what is given for it once a request is complete. */
export type OnRequest = (request: Arrived) => void

/** A target that speaks to the letter what it is told to. Whatever it reads is latin1. */
export async function startTarget(
  t: Test,
  onRequest: OnRequest = answerOk,
  onConnection: (peer: Peer) => void = () => undefined,
  tls?: TlsOptions,
): Promise<RawTarget> {
  const peers: Peer[] = []
  const requests: Arrived[] = []
  const listen = (socket: Socket): void => {
    const peer: Peer = {
      socket: socket.setNoDelay(true),
      text: '',
      requests: 0,
      isClosed: false,
      say: (text) => socket.write(text, 'latin1'),
    }
    peers.push(peer)
    let rest = ''
    socket.on('error', () => undefined)
    socket.on('close', () => (peer.isClosed = true))
    socket.setEncoding('latin1').on('data', (text: string) => {
      peer.text += text
      rest += text
      for (let read = take(rest); read !== null; read = take(rest)) {
        rest = read.rest
        peer.requests += 1
        const request = { ...read, peer }
        requests.push(request)
        onRequest(request)
      }
    })
    onConnection(peer)
  }
  const server = tls === undefined ? createServer(listen) : createTlsServer(tls, listen)
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const { socket } of peers) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const scheme = tls === undefined ? 'http' : 'https'
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    peers,
    open: () => peers.filter(({ isClosed }) => !isClosed),
    requests,
  }
}

/** The first request in a text, or null where it is not complete. */
function take(text: string): (Omit<Arrived, 'peer'> & { readonly rest: string }) | null {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return null
  const head = text.slice(0, end + 4)
  const after = text.slice(end + 4)
  const [, method = '', path = ''] = /^(\S+) (\S+) HTTP\/1\.1\r\n/.exec(head) ?? []
  const length = lengthOf(head, after)
  if (length === -1 || after.length < length) return null
  return { head, method, path, body: after.slice(0, length), rest: after.slice(length) }
}

/** That of a body; -1 where it is not known yet. Chunks are left as they are. */
function lengthOf(head: string, after: string): number {
  if (!/\r\ntransfer-encoding: chunked\r\n/.test(head)) {
    return Number(/\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1] ?? 0)
  }
  const end = after.indexOf('0\r\n\r\n')
  return end === -1 ? -1 : end + 5
}

/** An answer whose body says which request it is for. */
export function answerOk({ peer, path }: Arrived): void {
  peer.say(okFor(`for ${path}`))
}

export function okFor(body: string, more = ''): string {
  return `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
}
