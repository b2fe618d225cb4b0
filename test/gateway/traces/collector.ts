import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { gunzipSync } from 'node:zlib'
import { decodeSpans, type Span } from './protobuf.ts'

export interface Collector {
  readonly url: string
  /** What has arrived so far. */
  readonly spans: readonly Span[]
  /** The bytes of every request, as text. */
  readonly bytes: () => string
  readonly headers: readonly IncomingMessage['headers'][]
  /** Requests that have not been answered. */
  readonly held: readonly ServerResponse[]
  /** Resolves with the spans once there are so many of them. */
  readonly until: (count: number) => Promise<readonly Span[]>
}

/** A collector that takes OTLP over HTTP and decodes it. @param holds answers nothing, until the test does */
export async function startCollector(t: Test, holds = false): Promise<Collector> {
  const spans: Span[] = []
  const bodies: Buffer[] = []
  const headers: IncomingMessage['headers'][] = []
  const held: ServerResponse[] = []
  let tell = Promise.withResolvers<undefined>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const sent = Buffer.concat(chunks)
      const isZipped = request.headers['content-encoding'] === 'gzip'
      const body = isZipped ? gunzipSync(sent) : sent
      headers.push(request.headers)
      bodies.push(body)
      if (request.method === 'POST' && request.url === '/v1/traces')
        spans.push(...decodeSpans(body))
      if (holds) held.push(response)
      else response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
      tell.resolve(undefined)
      tell = Promise.withResolvers()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${String(port)}`, spans, headers, held },
    bytes: () => Buffer.concat(bodies).toString('latin1'),
    until: async (count) => {
      while (spans.length < count) await tell.promise
      return spans
    },
  }
}
