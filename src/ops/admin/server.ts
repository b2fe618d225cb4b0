import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { ListenAddress } from '../../config/types.ts'
import type { Console } from '../console/console.ts'
import { isLoopback } from '../console/rights/peer.ts'
import type { Metrics } from '../metrics.ts'

export interface AdminDeps {
  /** Whether traffic should be sent here; asked at each `/readyz`. */
  readonly isReady: () => Promise<boolean>
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>
  /** Below `/console`. @param listensLocally whether the listener is on a loopback address only */
  readonly openConsole: (listensLocally: () => boolean) => Console
}

export interface AdminListener {
  readonly server: Server
  readonly console: Console
}

/** How long the head of a request may take, and all of it, milliseconds. */
const headMs = 10_000
const wholeMs = 30_000

/**
 * The listener for operators: `/livez` (the process answers), `/readyz` (it can serve), `/metrics`, and the console. Never on the public port.
 */
export async function listenAdmin(address: ListenAddress, deps: AdminDeps): Promise<AdminListener> {
  const server = createServer({ headersTimeout: headMs, requestTimeout: wholeMs })
  const console = deps.openConsole(() => isLoopback(hostOf(server)))
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, deps, console)
  })
  server.listen(address.port, address.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    console.close()
    throw error
  }
  return { server, console }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { isReady, metrics }: AdminDeps,
  console: Console,
): void {
  const say = (status: number, text: string, type = 'text/plain'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(`${text}\n`)
  }
  const { url = '' } = request
  const [path = ''] = url.split('?', 1)
  if (url === '/livez') say(200, 'ok')
  else if (url === '/readyz') {
    isReady().then(
      (ready) => {
        say(ready ? 200 : 503, ready ? 'ready' : 'not ready')
      },
      () => {
        say(503, 'not ready')
      },
    )
  } else if (url === '/metrics') {
    void metrics.render().then((text) => {
      say(200, text.trimEnd(), metrics.contentType)
    })
  } else if (path === '/console' || path.startsWith('/console/')) {
    console.handle(request, response, path)
  } else if (url === '/') response.writeHead(302, { location: '/console/' }).end()
  else say(404, 'not found')
}

function hostOf(server: Server): string {
  const address = server.address()
  return typeof address === 'object' ? (address?.address ?? '') : ''
}

/** The base URL of a listening server. */
export function urlOf(server: Server, scheme: 'http' | 'https' = 'http'): string {
  const { address, port, family } = server.address() as AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
