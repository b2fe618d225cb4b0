import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

/** What an upstream saw of a request. */
export interface Seen {
  readonly method: string
  readonly url: string
  /** Name-value pairs as they arrived. */
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Backend {
  readonly url: string
  /** Every request that arrived, oldest first, once its body was complete. */
  readonly seen: readonly Seen[]
  /** Requests whose client went away before the answer was complete. */
  readonly aborted: () => number
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

const echo: Answer = (request, response, body) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: body.toString('latin1'),
    }),
  )
}

/** An HTTP upstream on a free port that remembers what it saw, and answers with an echo unless told otherwise. */
export async function startBackend(t: Test, answer: Answer = echo): Promise<Backend> {
  const seen: Seen[] = []
  let aborted = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    response.on('close', () => {
      if (!response.writableFinished) aborted += 1
    })
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const { method = '', url = '', rawHeaders, headers } = request
      seen.push({ method, url, rawHeaders, headers, body })
      answer(request, response, body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: urlOf(server.address()), seen, aborted: () => aborted }
}

/** A TCP upstream that says whatever it is told to once a request head has arrived. */
export async function startRawBackend(t: Test, speak: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      speak(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return urlOf(server.address())
}

/** The URL of a port that nobody listens on. */
export async function closedPort(): Promise<string> {
  const server = createTcpServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = urlOf(server.address())
  server.close()
  await once(server, 'close')
  return url
}

function urlOf(address: AddressInfo | string | null): string {
  return `http://127.0.0.1:${(address as AddressInfo).port}`
}
