import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import t from 'tap'
import { startBackend, startRawBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { tell } from '../hostile/wire.ts'

t.test('a request arrives as it was sent: target, method, body, headers', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const target = "/open/caf%C3%A9/a%20b?q=%2e%2e/..&r=a+b&s='|\\^"
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

t.test('5 MB pass byte for byte in both directions, chunked or measured', async (t) => {
  const boundary = '----x'
  const part = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`
  const bodies = {
    'application/json': Buffer.from(JSON.stringify({ text: 'ä"\\\n'.repeat(800_000) })),
    [`multipart/form-data; boundary=${boundary}`]: Buffer.concat([
      Buffer.from(part),
      randomBytes(5_000_000),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  }
  const backend = await startBackend(t, (request, response, body) => {
    response.writeHead(200, { 'content-type': request.headers['content-type'] })
    response.end(body)
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes:
      '\n  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 10MB }',
  })
  const { port } = new URL(gateway.url)
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex')
  for (const [type, body] of Object.entries(bodies)) {
    t.ok(body.length > 5_000_000)
    for (const framing of [{ 'transfer-encoding': 'chunked' }, { 'content-length': body.length }]) {
      const headers = { host: 'app.test', 'content-type': type, ...framing }
      const request = httpRequest({ port, path: '/open/x', method: 'POST', headers })
      request.end(body)
      const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>]
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      t.equal(digest(Buffer.concat(chunks)), digest(body), Object.keys(framing).join())
      t.match(backend.seen.at(-1)!.headers, { 'content-type': type, ...stringly(framing) })
      t.equal(digest(backend.seen.at(-1)!.body), digest(body))
    }
  }
})

function stringly(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

t.test('a body passes whatever the method, and so does none', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    for (const [framing, sent] of [
      ['Content-Length: 5\r\n\r\nhello', 'hello'],
      ['Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n', 'hello'],
      ['Content-Length: 0\r\n\r\n', ''],
      ['Content-Length: 00\r\n\r\n', ''],
      ['Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', ''],
      ['\r\n', ''],
    ] as const) {
      const text = await tell(
        t,
        gateway.url,
        `${method} /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n${framing}`,
      )
      t.match(text, /^HTTP\/1\.1 200 /, `${method} ${framing}`)
      t.match(backend.seen.at(-1), { method, url: '/open/x' })
      t.equal(backend.seen.at(-1)!.body.toString(), sent, `${method} ${framing}`)
    }
  }
})

t.test('every content type and charset passes to the byte, both ways', async (t) => {
  const backend = await startBackend(t, (request, response, body) => {
    response.writeHead(200, { 'content-type': request.headers['content-type'] ?? '' }).end(body)
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_unused, index) => index))
  for (const type of [
    'application/json',
    'Application/JSON ; Charset="UTF-8"',
    'application/vnd.api+json;ext="https://example.com/a,b"',
    'text/html; charset=iso-8859-1',
    'text/plain;charset=shift_jis;format=flowed',
    'application/x-www-form-urlencoded',
    'multipart/related; boundary="a b"; type="x/y"',
    'image/svg+xml',
    'application/octet-stream',
    'application/x-ndjson',
    'x-\u00e9/\u00ff',
    'nonsense',
    '',
  ]) {
    const text = await tell(
      t,
      gateway.url,
      `POST /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: 256\r\n\r\n${bytes}`,
    )
    t.ok(text.includes(`\r\ncontent-type: ${type}\r\n`), type)
    t.ok(text.includes(`\r\n100\r\n${bytes}\r\n`), `${type}: body`)
    t.equal(backend.seen.at(-1)!.headers['content-type'], type)
    t.equal(backend.seen.at(-1)!.body.toString('latin1'), bytes)
  }
})

t.test('conditions, ranges and encodings are between the client and FastAPI', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    const status = Number(request.url?.split('/').at(-1))
    const answers: Readonly<Record<number, readonly [Record<string, string>, string]>> = {
      200: [{ 'content-encoding': 'gzip', vary: 'accept-encoding' }, '\u001f\u008bnot really'],
      206: [{ 'content-range': 'bytes 0-3/10', 'content-length': '4' }, '0123'],
      304: [{ etag: 'W/"a"', 'content-length': '10' }, ''],
      412: [{ etag: '"b"' }, 'no'],
      416: [{ 'content-range': 'bytes */10' }, ''],
    }
    const [headers, body] = answers[status] ?? [{}, '']
    response.writeHead(status, { 'accept-ranges': 'bytes', ...headers }).end(body, 'latin1')
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const asked = {
    'accept-encoding': 'gzip;q=0.5, br',
    'if-match': '"a", W/"b"',
    'if-none-match': '*',
    'if-modified-since': 'Tue, 24 Nov 2026 00:00:00 GMT',
    'if-unmodified-since': 'Tue, 24 Nov 2026 00:00:00 GMT',
    'if-range': '"a"',
    range: 'bytes=0-3, 5-, -2',
  }
  const seen = async (status: number): Promise<string> => {
    const lines = Object.entries(asked).map(([name, value]) => `${name}: ${value}\r\n`)
    const text = await gateway.raw(
      `GET /open/${status} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n${lines.join('')}\r\n`,
    )
    t.match(backend.seen.at(-1)!.headers, asked)
    t.match(text, new RegExp(`^HTTP/1.1 ${status} [^]*accept-ranges: bytes\r\n`))
    return text
  }
  t.match(await seen(200), /content-encoding: gzip\r\n[^]*\u001f\u008bnot really\r\n/)
  t.match(await seen(206), /content-range: bytes 0-3\/10\r\ncontent-length: 4\r\n[^]*\r\n\r\n0123$/)
  t.match(await seen(304), /etag: W\/"a"\r\ncontent-length: 10\r\n[^]*\r\n\r\n$/)
  t.match(await seen(412), /etag: "b"\r\n/)
  t.match(await seen(416), /content-range: bytes \*\/10\r\n/)
})

t.test('trailers go no further, in either direction, and become no header', async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { trailer: 'x-checksum, x-user-id' })
    response.write('hello')
    response.addTrailers({ 'x-checksum': 'abc', 'x-user-id': 'mallory' })
    response.end()
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const text = await gateway.raw(
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nTE: trailers\r\nTrailer: x-sum, content-type\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\ncontent-type: text/evil\r\nX-User-Id: mallory\r\n\r\n',
  )
  t.match(text, /^HTTP\/1\.1 200 [^]*\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/)
  t.notMatch(text, /x-checksum|mallory|trailer/i)
  const seen = backend.seen[0]!
  t.equal(seen.body.toString(), 'hello')
  t.notMatch(seen.rawHeaders.join('\n'), /x-sum|evil|mallory|trailer/i)
})

t.test('an HTTP/1.0 client gets an answer that it can read', async (t) => {
  const upstream = await startRawBackend(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n')
  })
  const gateway = await startGateway(t, { upstream })
  const text = await gateway.raw(
    'POST /open/x HTTP/1.0\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
  )
  t.match(text, /^HTTP\/1\.1 200 [^]*connection: close[^]*\r\n\r\nhello$/i)
  t.notMatch(text, /transfer-encoding|100 Continue/i)
})
