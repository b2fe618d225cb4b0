import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { ClientGone } from '../../src/proxy/exchange.ts'
import { UploadBody } from '../../src/proxy/upload.ts'

t.test('a body that breaks off says that its client has left, not that FastAPI has', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => undefined)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nx')
    const [request, response] = (await once(server, 'request')) as ConstructorParameters<
      typeof UploadBody
    >
    const body = new UploadBody(request, response, 20_000)
    body.resume()
    await once(body, 'data')
    client[leave]()
    const [error] = (await once(body, 'error')) as [Error]
    t.ok(error instanceof ClientGone, leave)
  }
})
