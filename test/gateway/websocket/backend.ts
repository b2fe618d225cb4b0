import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws'

/** One connection as FastAPI has it. */
export interface Arrived {
  readonly request: IncomingMessage
  readonly socket: WebSocket
  /** How it was closed, once it was. */
  readonly closed: Promise<Closed>
}

export interface Closed {
  readonly code: number
  readonly reason: string
}

export interface SocketBackend {
  readonly url: string
  /** The next connection that nobody has asked for yet. */
  readonly arrival: () => Promise<Arrived>
  /** TCP connections that are open. */
  readonly open: () => number
}

export interface BackendOptions extends ServerOptions {
  /** Called for each connection before anything is read from it. */
  readonly serve?: (socket: WebSocket, request: IncomingMessage) => void
  /** Takes the handshake over instead; `accept` goes on with it. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Socket, accept: () => void) => void
  /** Further headers of the 101. */
  readonly headers?: readonly string[]
  /** PEM; plain without. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
}

/** A WebSocket upstream on a free port. Echoes unless told otherwise. */
export async function startSocketBackend(
  t: Test,
  options: BackendOptions = {},
): Promise<SocketBackend> {
  const { serve = echo, onUpgrade, headers = [], tls, ...more } = options
  const answer = (_request: IncomingMessage, response: ServerResponse): void => {
    response.end('plain')
  }
  const server: Server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer)
  server.on('tlsClientError', () => undefined)
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, ...more })
  const sockets = new Set<Socket>()
  const arrivals = queue<Arrived>()
  webSockets.on('headers', (lines) => lines.push(...headers))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('end', () => socket.end())
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined)
    const accept = (): void => {
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => undefined)
        serve(webSocket, request)
        arrivals.put({ request, socket: webSocket, closed: closeOf(webSocket) })
      })
    }
    if (onUpgrade === undefined) accept()
    else onUpgrade(request, socket, accept)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const scheme = tls === undefined ? 'http' : 'https'
  return { url: `${scheme}://127.0.0.1:${port}`, arrival: arrivals.take, open: () => sockets.size }
}

function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => {
    socket.send(data, { binary: isBinary })
  })
}

/** How a socket was closed; 1006 without a close frame. */
export async function closeOf(socket: WebSocket): Promise<Closed> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return { code, reason: reason.toString() }
}

function queue<Item>(): { put: (item: Item) => void; take: () => Promise<Item> } {
  const items: Item[] = []
  const waiting: ((item: Item) => void)[] = []
  return {
    put: (item) => {
      const next = waiting.shift()
      if (next === undefined) items.push(item)
      else next(item)
    },
    take: () => {
      const item = items.shift()
      return item === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(item)
    },
  }
}
