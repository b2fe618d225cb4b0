import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'
import { html, kit, script } from './page.ts'

/** A stream of events as the application has it. */
export interface Feed {
  readonly lastEventId: string | null
  readonly headers: IncomingMessage['headers']
  /** Writes lines of an event and the empty one that ends it. */
  readonly send: (...lines: string[]) => void
  readonly end: () => void
  /** Cuts the connection. */
  readonly destroy: () => void
}

export interface Application {
  readonly url: string
  /** Streams of events so far, oldest first. */
  readonly feeds: readonly Feed[]
  /** WebSocket connections so far, oldest first. They echo. */
  readonly sockets: readonly WebSocket[]
}

/** What the echo answers with. */
export interface Echo {
  readonly userId: string | null
  readonly token: string | null
  readonly method: string
  readonly type: string | null
  readonly body: string
}

/** An application behind the gateway: a page with the kit at every path, an echo, refusals of its own, a feed and a WebSocket. */
export async function startApplication(t: Test): Promise<Application> {
  const feeds: Feed[] = []
  const sockets: WebSocket[] = []
  const code = await kit()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      if (path === '/api/feed') feeds.push(toFeed(request, response))
      else answer({ path, code, body: Buffer.concat(chunks).toString('latin1') }, request, response)
    })
  })
  const webSockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data, isBinary) => {
        webSocket.send(data, { binary: isBinary })
      })
      webSocket.on('error', () => undefined)
      sockets.push(webSocket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, feeds, sockets }
}

function answer(
  { path, code, body }: { readonly path: string; readonly code: string; readonly body: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (path === '/kit.js' || path === '/page.js') {
    response.setHeader('content-type', 'text/javascript')
    response.end(path === '/kit.js' ? code : script)
  } else if (/^\/(?:api|open)\/own\/\d+$/.test(path)) {
    response.writeHead(Number(path.slice(-3)), { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(lookAlike))
  } else if (path.startsWith('/api/') || path.startsWith('/open/')) {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(toEcho(request, body)))
  } else {
    response.setHeader('content-type', 'text/html')
    response.end(html)
  }
}

/** Word for word what the gateway says, but for the header by which it says that it did. */
export const lookAlike = {
  type: 'https://sallyport.dev/problems/token_expired',
  title: 'Token expired',
  status: 401,
  detail: 'The access token has expired.',
  code: 'token_expired',
  action: 'refresh',
  refresh: '/_gateway/token',
  login: '/_gateway/login',
  requestId: '1',
}

function toEcho({ method = '', headers }: IncomingMessage, body: string): Echo {
  const userId = headers['x-user-id']
  return {
    userId: typeof userId === 'string' ? userId : null,
    token: headers.authorization ?? null,
    method,
    type: headers['content-type'] ?? null,
    body,
  }
}

function toFeed({ headers }: IncomingMessage, response: ServerResponse): Feed {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  const lastEventId = headers['last-event-id']
  return {
    lastEventId: typeof lastEventId === 'string' ? lastEventId : null,
    headers,
    send: (...lines) => response.write(`${lines.join('\n')}\n\n`),
    end: () => response.end(),
    destroy: () => response.destroy(),
  }
}
