import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { closedPort, startBackend, startRawBackend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { dial } from '../hostile/wire.ts'

function limited(t: Test, upstream: string, bodyLimit: string): Promise<Running> {
  return startGateway(t, {
    upstream,
    routes: `\n  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: ${bodyLimit} }`,
  })
}

const chunk = (size: number): string => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`

t.test('a body above the limit of its route is refused, announced or not', async (t) => {
  const backend = await startBackend(t)
  const gateway = await limited(t, backend.url, '1KB')
  const announced = await gateway.request('/open/x', { method: 'POST', body: 'x'.repeat(1025) })
  t.match(announced.json(), { status: 413, code: 'body_too_large' })
  const streamed = await gateway.raw(
    `POST /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(1024)}${chunk(1)}0\r\n\r\n`,
  )
  t.match(streamed, /^HTTP\/1\.1 413 /)
  t.match(streamed, /body_too_large/)
  t.equal(backend.seen.length, 0, 'FastAPI never saw a complete request')
  t.equal(
    (await gateway.request('/open/x', { method: 'POST', body: 'x'.repeat(1024) })).status,
    200,
  )
  t.notOk(
    gateway.log.some(({ level }) => (level as number) >= 40),
    'nobody is warned of FastAPI for what a client does',
  )
})

t.test('a body that outgrows its limit under an answer cuts that answer visibly', async (t) => {
  let upstreamClosed = false
  const upstream = await startRawBackend(t, (socket) => {
    socket.once('close', () => (upstreamClosed = true))
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n')
  })
  const gateway = await limited(t, upstream, '1KB')
  const wire = await dial(t, gateway.url)
  wire.send(
    `POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(1000)}`,
  )
  await wire.until(/ok\r\n$/)
  wire.send(chunk(1000))
  t.match(await wire.ended, /^HTTP\/1\.1 200 [^]*\r\n\r\n2\r\nok\r\n$/)
  while (!upstreamClosed) await new Promise(setImmediate)
})

t.test('a client that sends far more than it may still reads why it was refused', async (t) => {
  const backend = await startBackend(t)
  const gateway = await limited(t, backend.url, '1KB')
  const { port } = new URL(gateway.url)
  for (const path of ['/open/x', '/nowhere']) {
    const headers = { host: 'app.test', 'transfer-encoding': 'chunked' }
    const request = httpRequest({ port, path, method: 'POST', headers })
    request.on('error', () => undefined)
    request.end(Buffer.alloc(8_000_000))
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>]
    let text = ''
    for await (const part of response) text += part.toString()
    t.match(text, /"code":"(?:body_too_large|route_not_found)"/)
  }
})

const expecting =
  'HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n'

t.test('an upload is asked for only once somebody wants it', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  t.match(await gateway.raw(`POST /api/x ${expecting}`), /^HTTP\/1\.1 401 /, 'no 100 before it')
  t.match(await gateway.raw(`POST /nowhere ${expecting}`), /^HTTP\/1\.1 404 /)
  const accepted = await gateway.raw(`POST /open/x ${expecting}hello`)
  t.match(accepted, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  t.equal(backend.seen.length, 1)
  t.match(backend.seen[0], { headers: { expect: undefined } })
  t.equal(backend.seen[0]!.body.toString(), 'hello')
  const wire = await dial(t, gateway.url)
  wire.send(`POST /api/x ${expecting.replace('Connection: close\r\n', '')}`)
  // Whether the body still comes nobody knows, and so not where the next request would begin.
  t.match(await wire.ended, /^HTTP\/1\.1 401 [^]*connection: close/i)
  const unknown = await gateway.raw(
    `POST /open/x ${expecting.replace('100-continue', '200-maybe')}hello`,
  )
  t.match(unknown, /^HTTP\/1\.1 200 /, 'an expectation that nobody knows is none')
})

t.test('an upload is not asked for when FastAPI cannot be reached, or has no room', async (t) => {
  const unreachable = await startGateway(t, { upstream: await closedPort() })
  t.match(await unreachable.raw(`POST /open/x ${expecting}`), /^HTTP\/1\.1 502 /)

  const backend = await startBackend(t, () => undefined)
  const full = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", maxInFlight: 1 }`,
  })
  const wire = await dial(t, full.url)
  wire.send('GET /open/slow HTTP/1.1\r\nHost: app.test\r\n\r\n')
  while (backend.seen.length === 0) await new Promise(setImmediate)
  t.match(await full.raw(`POST /open/x ${expecting}`), /^HTTP\/1\.1 503 [^]*"code":"overloaded"/)
})

t.test('an answer that comes before the upload has ended reaches the client', async (t) => {
  const upstream = await startRawBackend(t, (socket) => {
    socket.end('HTTP/1.1 422 Unprocessable\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
  })
  const gateway = await startGateway(t, { upstream })
  const { port } = new URL(gateway.url)
  const request = httpRequest({
    port,
    path: '/open/x',
    method: 'POST',
    headers: { host: 'app.test', 'content-length': '900000' },
  })
  request.on('error', () => undefined)
  request.write('x'.repeat(70_000))
  const [response] = (await once(request, 'response')) as [{ statusCode: number }]
  t.equal(response.statusCode, 422)
  request.destroy()
})

t.test('what FastAPI did not wait for is read as far as the limit of its route', async (t) => {
  const upstream = await startRawBackend(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok')
  })
  const gateway = await limited(t, upstream, '100KB')
  const head = 'POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n'
  const wire = await dial(t, gateway.url)
  wire.send(head + chunk(50_000))
  await wire.until(/ok$/)
  wire.send(`${chunk(40_000)}0\r\n\r\n${head}0\r\n\r\n`)
  await wire.until(/ok[^]*ok$/)
  wire.send(head + chunk(50_000))
  await wire.until(/ok[^]*ok[^]*ok$/)
  const flood = setInterval(() => {
    wire.send(chunk(40_000))
  }, 10)
  await wire.ended
  clearInterval(flood)
})

t.test('FastAPI may answer while it reads, and read while it answers', async (t) => {
  const sockets: Socket[] = []
  const upstream = await startRawBackend(t, (socket) => {
    sockets.push(socket)
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    socket.on('data', (data) => {
      if (data.includes('ping')) socket.write('4\r\npong\r\n')
      if (/(?:^|\r\n)0\r\n\r\n$/.test(data.toString())) socket.write('0\r\n\r\n')
    })
  })
  const gateway = await startGateway(t, { upstream })
  const wire = await dial(t, gateway.url)
  wire.send(
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n',
  )
  while (sockets.length === 0) await new Promise(setImmediate)
  for (let round = 1; round <= 3; round += 1) {
    wire.send('4\r\nping\r\n')
    await wire.until(new RegExp(`^(?:[^]*?pong){${round}}`))
  }
  wire.send('0\r\n\r\n')
  await wire.until(/\r\n0\r\n\r\n$/)
})

t.test('a FastAPI that does not read holds the client back, and nothing piles up', async (t) => {
  let upstreamSocket: Socket | undefined
  const upstream = await startRawBackend(t, (socket) => {
    socket.pause()
    upstreamSocket = socket
  })
  const gateway = await limited(t, upstream, '1GB')
  const wire = await dial(t, gateway.url)
  const piece = 'x'.repeat(1_000_000)
  wire.send(`POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 900000000\r\n\r\n`)
  let sent = 0
  let before = -1
  // Until the buffers of both sockets are full and nothing moves any more.
  while (sent !== before) {
    before = sent
    while (wire.socket.writableLength < 2_000_000) {
      wire.send(piece)
      sent += piece.length
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  t.ok(sent < 40_000_000, `${sent} bytes were taken`)
  upstreamSocket?.destroy()
})
