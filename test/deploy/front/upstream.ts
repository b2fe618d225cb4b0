import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'

export interface Upstream {
  readonly url: string
  /** Paths and headers of what has arrived, oldest first. */
  readonly seen: readonly { readonly url: string; readonly headers: IncomingHttpHeaders }[]
  /** Bytes of the upload that is under way. */
  readonly uploaded: () => number
  /** Sends another event on every open stream. */
  readonly tell: (data: string) => void
}

/** What stands for FastAPI: echoes, reads uploads, keeps event streams open until told more, and answers WebSocket messages. */
export async function startUpstream(t: Test): Promise<Upstream> {
  const seen: { url: string; headers: IncomingHttpHeaders }[] = []
  const streams = new Set<ServerResponse>()
  let uploaded = 0
  const server = createServer((request, response) => {
    const { url = '', headers } = request
    seen.push({ url, headers })
    if (url === '/open/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: first\n\n')
      streams.add(response)
      return
    }
    const digest = createHash('sha256')
    uploaded = 0
    request.on('data', (chunk: Buffer) => {
      uploaded += chunk.length
      digest.update(chunk)
    })
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ url, headers, bytes: uploaded, sha256: digest.digest('hex') }))
    })
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      socket.send(`heard ${data.toString()}`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const each of sockets.clients) each.terminate()
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    uploaded: () => uploaded,
    tell: (data) => {
      for (const stream of streams) stream.end(`data: ${data}\n\n`)
    },
  }
}
