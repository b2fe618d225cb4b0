import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that reached FastAPI's place. */
export interface Arrival {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly rawTrailers: readonly string[]
}

export interface Recorder {
  readonly url: string
  /** What has arrived since the last time somebody asked. */
  readonly take: () => readonly Arrival[]
  /** Resolves once nothing arrives any more: what a client that has left had sent may still be on its way. */
  readonly settle: () => Promise<void>
  /** Bytes from the gateway that were no HTTP, since the last time. */
  readonly takeErrors: () => readonly string[]
  readonly close: () => void
}

/** An upstream that answers everything with 200, and remembers what arrived. */
export async function startRecorder(): Promise<Recorder> {
  let arrivals: Arrival[] = []
  let errors: string[] = []
  const server = createServer((request, response) => {
    const arrival = {
      method: request.method ?? '',
      url: request.url ?? '',
      rawHeaders: request.rawHeaders,
      rawTrailers: [] as string[],
    }
    arrivals.push(arrival)
    request.on('error', () => undefined)
    request.on('end', () => {
      arrival.rawTrailers.push(...request.rawTrailers)
      response.end('answered')
    })
    request.resume()
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A client that leaves in the middle of its body takes the upstream request along, which is no message of ours gone wrong.
    const isCut = ['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'].includes(error.code ?? '')
    if (!isCut) errors.push(`${String(error.code)} ${error.message}`)
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = arrivals
      arrivals = []
      return taken
    },
    settle: async () => {
      let before = -1
      while (before !== arrivals.length) {
        before = arrivals.length
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    },
    takeErrors: () => {
      const taken = errors
      errors = []
      return taken
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
