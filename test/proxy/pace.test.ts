import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { toRefusal } from '../../src/proxy/failure.ts'
import { watchPace } from '../../src/proxy/pace.ts'
import { BodyTooSlow, UploadBody } from '../../src/proxy/upload.ts'

const pace = { bytes: 100, windowMs: 50 }

/** A request whose body is announced with 10,000 bytes and sent by the test. */
async function upload(
  t: Test,
): Promise<{ request: IncomingMessage; body: UploadBody; client: Socket }> {
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
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nx')
  const [request, response] = (await once(server, 'request')) as ConstructorParameters<
    typeof UploadBody
  >
  return { request, body: new UploadBody(request, response, 20_000, pace), client }
}

t.test('a body that trickles is given up, in our words', async (t) => {
  const { body } = await upload(t)
  body.resume()
  const [error] = (await once(body, 'error')) as [Error]
  t.ok(error instanceof BodyTooSlow)
  t.match(toRefusal(error), {
    code: 'request_malformed',
    detail: /too slowly/,
    headers: { connection: 'close' },
  })
})

t.test('a body that nobody wants any more and that trickles ends its connection', async (t) => {
  const { body, client } = await upload(t)
  body.resume()
  // What undici does when the answer comes before the upload has ended.
  body.destroy()
  const trickle = setInterval(() => client.write('x'), 10)
  await once(client, 'close')
  clearInterval(trickle)
})

t.test('a body that keeps the pace arrives, however long it takes', async (t) => {
  const { body, client } = await upload(t)
  let received = 0
  body.on('data', (chunk: Buffer) => (received += chunk.length))
  const sender = setInterval(() => client.write('x'.repeat(1111)), 20)
  await once(body, 'end')
  clearInterval(sender)
  t.equal(received, 10_000)
})

t.test('time in which we do not read is not held against the client', async (t) => {
  const { request } = await upload(t)
  let isSlow = false
  watchPace(request, () => (isSlow = true), pace)
  for (let window = 0; window < 4; window += 1) {
    await new Promise((resolve) => setTimeout(resolve, pace.windowMs))
  }
  t.notOk(isSlow)
})

t.test('nor is a pause that ends just before the window does', async (t) => {
  const { request, body } = await upload(t)
  body.resume()
  let isSlow = false
  watchPace(request, () => (isSlow = true), pace)
  for (let window = 0; window < 4; window += 1) {
    request.pause()
    await new Promise((resolve) => setTimeout(resolve, pace.windowMs - 10))
    request.resume()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  t.notOk(isSlow)
})
