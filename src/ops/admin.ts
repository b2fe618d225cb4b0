import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { ListenAddress } from '../config/types.ts'
import type { Metrics } from './metrics.ts'

export interface AdminDeps {
  /** Whether traffic should be sent here; asked at each `/readyz`. */
  readonly isReady: () => Promise<boolean>
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>
}

/** The listener for orchestrators: `/livez` (the process answers), `/readyz` (it can serve) and `/metrics`. Never on the public port. */
export async function listenAdmin(address: ListenAddress, deps: AdminDeps): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string, type = 'text/plain'): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
      response.end(`${text}\n`)
    }
    if (request.url === '/livez') answer(200, 'ok')
    else if (request.url === '/readyz') {
      void deps.isReady().then(
        (ready) => {
          answer(ready ? 200 : 503, ready ? 'ready' : 'not ready')
        },
        () => {
          answer(503, 'not ready')
        },
      )
    } else if (request.url === '/metrics') {
      void deps.metrics.render().then((text) => {
        answer(200, text.trimEnd(), deps.metrics.contentType)
      })
    } else answer(404, 'not found')
  })
  server.listen(address.port, address.host)
  await once(server, 'listening')
  return server
}

/** The base URL of a listening server. */
export function urlOf(server: Server, scheme: 'http' | 'https' = 'http'): string {
  const { address, port, family } = server.address() as AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
