import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import { startBackend, startRawBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'

t.test('a request arrives as it was sent: target, method, body, headers', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const target = '/open/caf%C3%A9/a%20b;'.replace(';', '') + "?q=%2e%2e/..&r=a+b&s='|\\^"
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    const body = method === 'GET' || method === 'OPTIONS' ? undefined : `body of ${method}`
    const headers = { 'content-type': 'text/x-odd; charset=weird', 'idempotency-key': 'k' }
    const reply = await gateway.request(target, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    t.equal(reply.status, 200, method)
    const seen = backend.seen.at(-1)!
    t.match(seen, { method, url: target }, method)
    t.equal(seen.body.toString(), body ?? '', method)
    t.match(seen.headers, {
      ...headers,
      host: 'app.test',
      'x-forwarded-host': 'app.test',
      'x-forwarded-proto': 'http',
    })
    t.equal(seen.headers['x-request-id'], reply.headers['x-request-id'])
  }
})

t.test('raw bytes above ASCII in a target are refused', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  for (const target of ['/open/x?q=\xc3\xbc', '/open/\xc3\xbc']) {
    const reply = await gateway.raw(
      `GET ${target} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`,
    )
    t.match(reply, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/)
  }
  t.equal(backend.seen.length, 0)
})

t.test('bodies pass byte for byte in both directions, chunked or measured', async (t) => {
  const big = randomBytes(3_000_000)
  const backend = await startBackend(t, (_request, response, body) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    response.end(body)
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes:
      '\n  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 10MB }',
  })
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex')
  for (const isChunked of [false, true]) {
    const { port } = new URL(gateway.url)
    const headers = isChunked
      ? { 'transfer-encoding': 'chunked' }
      : { 'content-length': big.length }
    const request = httpRequest({
      port,
      path: '/open/x',
      method: 'POST',
      headers: { host: 'app.test', ...headers },
    })
    request.end(big)
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    t.equal(digest(Buffer.concat(chunks)), digest(big), isChunked ? 'chunked' : 'measured')
    t.equal(digest(backend.seen.at(-1)!.body), digest(big))
  }
})

t.test('HEAD, 204 and 304 have no body and keep their headers', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    const status = Number(request.url?.split('/').at(-1))
    response.writeHead(
      status,
      status === 200 ? { 'content-length': '5', etag: '"1"' } : { etag: '"1"' },
    )
    response.end(request.method === 'HEAD' || status !== 200 ? undefined : 'hello')
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const head = await gateway.request('/open/200', { method: 'HEAD' })
  t.match(head, { status: 200, text: '', headers: { 'content-length': '5', etag: '"1"' } })
  t.match(await gateway.request('/open/204'), { status: 204, text: '', headers: { etag: '"1"' } })
  t.match(await gateway.request('/open/304'), { status: 304, text: '', headers: { etag: '"1"' } })
})

t.test("FastAPI's own answers pass untouched, cookies of its own included", async (t) => {
  const backend = await startBackend(t, (request, response) => {
    const status = Number(request.url?.split('/').at(-1))
    response.setHeader('set-cookie', ['a=1; Path=/', 'b=2', 'better-auth.session_token=evil'])
    response.writeHead(status, { 'content-type': 'application/json', 'x-user-id': 'fake' })
    response.end('{"detail":"as it was"}')
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  for (const status of [200, 201, 400, 401, 403, 404, 409, 422, 500, 503]) {
    const reply = await gateway.request(`/open/${status}`)
    t.match(reply, { status, text: '{"detail":"as it was"}' }, String(status))
    t.same(reply.headers['set-cookie'], ['a=1; Path=/', 'b=2'])
    t.notOk('x-user-id' in reply.headers)
  }
  t.equal(backend.seen.length, 10, 'each was asked exactly once')
})

t.test('the first bytes of a stream are not held back', async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    // The second half is sent only when the test says it has the first.
    backendSays = (text) => response.write(text)
  })
  let backendSays: (text: string) => void = () => undefined
  const gateway = await startGateway(t, { upstream: backend.url })
  const { port } = new URL(gateway.url)
  const request = httpRequest({ port, path: '/open/events', headers: { host: 'app.test' } })
  request.end()
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    backendSays(event)
    const [chunk] = (await once(response, 'data')) as [Buffer]
    t.equal(chunk.toString(), event)
  }
  request.destroy()
})

t.test('a client that leaves ends the request at FastAPI', async (t) => {
  let arrived: () => void = () => undefined
  const backend = await startBackend(t, () => {
    arrived()
  })
  // No time-out may do what the leaving client does.
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { firstByte: 10m } }`,
  })
  const arrival = new Promise<void>((resolve) => (arrived = resolve))
  const { port } = new URL(gateway.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET /open/slow HTTP/1.1\r\nHost: app.test\r\n\r\n')
  await arrival
  socket.destroy()
  while (backend.aborted() === 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(backend.aborted(), 1)
})

t.test('a body above the limit of its route is refused, announced or not', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes:
      '\n  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 1KB }',
  })
  const announced = await gateway.request('/open/x', { method: 'POST', body: 'x'.repeat(1025) })
  t.match(announced.json(), { status: 413, code: 'body_too_large' })
  const chunk = '400\r\n' + 'x'.repeat(1024) + '\r\n'
  const streamed = await gateway.raw(
    `POST /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
  )
  t.match(streamed, /^HTTP\/1\.1 413 /)
  t.match(streamed, /body_too_large/)
  t.equal(backend.seen.length, 0, 'FastAPI never saw a complete request')
  t.equal(
    (await gateway.request('/open/x', { method: 'POST', body: 'x'.repeat(1024) })).status,
    200,
  )
})

t.test('an upload is asked for only once somebody wants it', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const head =
    'HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n'
  const refused = await gateway.raw(`POST /api/x ${head}`)
  t.match(refused, /^HTTP\/1\.1 401 /, 'no 100 before the 401')
  const accepted = await gateway.raw(`POST /open/x ${head}hello`)
  t.match(accepted, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  t.equal(backend.seen[0]!.body.toString(), 'hello')
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
