import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { UploadBody } from '../../src/proxy/upload.ts'

// The attack: a client begins an upload, FastAPI answers without reading it (401, 413, 422), and the HTTP client lets go of
// the body and takes its error listener along. Then the client resets its connection. The reset reached a stream to whose
// errors nobody listened any more, which ends a Node process: one request of one anonymous client.
t.test(
  'a reset after an early answer reaches a body that nobody listens to, and ends nothing',
  async (t) => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => undefined)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nx')
    const [request, response] = (await once(server, 'request')) as ConstructorParameters<
      typeof UploadBody
    >
    const body = new UploadBody(request, response, 20_000)
    body.resume()
    const closed = new Promise((resolve) => request.once('close', resolve))
    client.resetAndDestroy()
    await closed
    await new Promise((resolve) => setImmediate(resolve))
    t.ok(body.destroyed)
    t.match(body.errored, { code: 'ECONNRESET' })
  },
)
