import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'
import type { Pace } from '../../src/proxy/pace.ts'
import { Upload } from '../../src/proxy/upload.ts'
import type { BodySink } from '../../src/upstream/http1/port.ts'

export interface Uploading {
  readonly request: IncomingMessage
  readonly body: Upload
  readonly client: Socket
}

/** A request as Node's server has it once so much of it has been sent. */
export async function receive(
  t: Test,
  text: string,
): Promise<{ client: Socket; request: IncomingMessage; reply: ServerResponse }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  t.teardown(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  client.write(text)
  const [request, reply] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  return { client, request, reply }
}

/** A request whose body is announced with 10,000 bytes, of which the first has been sent. */
export async function upload(t: Test, pace?: Pace): Promise<Uploading> {
  const text = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nx'
  const { client, request, reply } = await receive(t, text)
  const rules = { chunked: false, limit: 20_000, ...(pace === undefined ? {} : { pace }) }
  return { request, body: new Upload(request, reply, rules), client }
}

export interface Sink extends BodySink {
  readonly received: () => number
  /** Resolves with the error, or with null at the end. */
  readonly over: Promise<Error | null>
}

export function createSink(): Sink {
  let received = 0
  const { promise: over, resolve } = Promise.withResolvers<Error | null>()
  return {
    received: () => received,
    over,
    write: (chunk) => {
      received += chunk.length
      return true
    },
    end: () => {
      resolve(null)
    },
    fail: resolve,
  }
}
