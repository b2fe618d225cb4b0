import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type Answering = (request: IncomingMessage, response: ServerResponse) => void

/** A FastAPI that can be stopped, and started again at the same port. */
export interface Target {
  readonly url: string
  /** Requests that have arrived, as `METHOD path`, oldest first. */
  readonly seen: readonly string[]
  /** Replaces how requests are answered; at first with 200 and the port. */
  answer: Answering
  /** Closes the port and every connection. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

/** Starts a target on a free port; stops it with the test. */
export async function startTarget(t: Test, answer?: Answering): Promise<Target> {
  const seen: string[] = []
  let server: Server | null = null
  let port = 0
  const stop = async (): Promise<void> => {
    const stopped = server
    server = null
    if (stopped === null) return
    stopped.close()
    stopped.closeAllConnections()
    await once(stopped, 'close')
  }
  const start = async (): Promise<void> => {
    server = createServer((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''}`)
      request.on('error', () => undefined).resume()
      target.answer(request, response)
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  await start()
  t.teardown(stop)
  const target: Target = {
    url: `http://127.0.0.1:${port}`,
    seen,
    answer: answer ?? ((_request, response) => response.end(String(port))),
    stop,
    start,
  }
  return target
}

/** YAML of the upstream `api`. */
export function api(targets: readonly (Target | string)[], more = ''): string {
  const urls = targets.map((each) => JSON.stringify(typeof each === 'string' ? each : each.url))
  return `  api: { targets: [${urls.join(', ')}]${more === '' ? '' : `, ${more}`} }`
}
