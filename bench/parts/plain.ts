import { createServer, type ServerResponse } from 'node:http'
import { Pool, type Dispatcher } from 'undici'
import { serve } from './ready.ts'

// Node and undici with no features: what forwarding costs before a gateway adds anything.
const pool = new Pool(process.env['UPSTREAM'] ?? '', { pipelining: 1 })
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding'])

class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  // undici knows a handler of today by this method.
  onRequestStart(): void {
    return
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const raw = controller.rawHeaders as readonly (Buffer | string)[]
    const headers: string[] = []
    for (let index = 0; index < raw.length; index += 2) {
      const name = String(raw[index]).toLowerCase()
      if (!hopByHop.has(name)) headers.push(name, String(raw[index + 1]))
    }
    this.#response.writeHead(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return
    controller.pause()
    this.#response.once('drain', () => {
      controller.resume()
    })
  }

  onResponseEnd(): void {
    this.#response.end()
  }

  onResponseError(): void {
    this.#response.destroy()
  }
}

serve(
  createServer((request, response) => {
    const headers: string[] = []
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const name = (request.rawHeaders[index] ?? '').toLowerCase()
      if (!hopByHop.has(name)) headers.push(name, request.rawHeaders[index + 1] ?? '')
    }
    pool.dispatch(
      { path: request.url ?? '/', method: 'GET', headers, body: null },
      new Relay(response),
    )
  }),
)
