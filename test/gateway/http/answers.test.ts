import t, { type Test } from 'tap'
import { startBackend, startRawBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { dial, tell } from '../hostile/wire.ts'

type Seen = (bytes: string, method?: string) => Promise<string>

/** Starts a gateway, and tells what a client sees when FastAPI says these bytes and keeps its connection. */
async function start(t: Test): Promise<Seen> {
  let answer = ''
  const upstream = await startRawBackend(t, (socket) => {
    const speak = (): void => void socket.write(answer, 'latin1')
    speak()
    socket.on('data', speak)
  })
  const gateway = await startGateway(t, { upstream })
  return (bytes, method = 'GET') => {
    answer = bytes
    const head = `${method} /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`
    return tell(t, gateway.url, head)
  }
}

t.test("FastAPI's own answers pass untouched, cookies of its own included", async (t) => {
  const backend = await startBackend(t, (request, response) => {
    const status = Number(request.url?.split('/').at(-1))
    response.setHeader('set-cookie', ['a=1; Path=/', 'b=2', 'better-auth.session_token=evil'])
    response.writeHead(status, { 'content-type': 'application/json', 'x-user-id': 'fake' })
    response.end('{"detail":"as it was"}')
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  for (const status of [200, 201, 299, 400, 401, 403, 404, 409, 418, 422, 500, 503, 599]) {
    const reply = await gateway.request(`/open/${status}`)
    t.match(reply, { status, text: '{"detail":"as it was"}' }, String(status))
    t.same(reply.headers['set-cookie'], ['a=1; Path=/', 'b=2'])
    t.notOk('x-user-id' in reply.headers)
  }
  t.equal(backend.seen.length, 13, 'each was asked exactly once')
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

t.test('an answer without a body announces what RFC 9110 §8.6 lets it announce', async (t) => {
  const seen = await start(t)
  const cases: readonly (readonly [method: string, answer: string, framing: RegExp])[] = [
    ['HEAD', '200 OK\r\nContent-Length: 7', /\r\ncontent-length: 7\r\n/],
    ['HEAD', '200 OK\r\nTransfer-Encoding: chunked', /^(?![^]*(content-length|transfer-enc))/i],
    ['HEAD', '200 OK\r\nContent-Type: text/event-stream', /content-type: text\/event-stream/],
    ['GET', '304 Not Modified\r\nContent-Length: 7', /\r\ncontent-length: 7\r\n/],
    ['GET', '304 Not Modified\r\nX: y', /^(?![^]*(content-length|transfer-encoding))/i],
    ['GET', '204 No Content\r\nContent-Length: 0', /^(?![^]*(content-length|transfer-enc))/i],
    ['GET', '204 No Content\r\nX: content-length', /\r\nx: content-length\r\n/],
    ['GET', '200 OK\r\nContent-Length: 0', /\r\ncontent-length: 0\r\n/],
  ]
  for (const [method, answer, framing] of cases) {
    const text = await seen(`HTTP/1.1 ${answer}\r\n\r\n`, method)
    t.match(text, new RegExp(`^HTTP/1.1 ${answer.slice(0, 3)} `), `${method} ${answer}`)
    t.match(text, framing, `${method} ${answer}`)
    t.match(text, /^[^]*?\r\n\r\n$/, 'no body')
    t.equal(text.indexOf('\r\n\r\n'), text.length - 4)
  }
})

const last = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

t.test('interim answers are not the answer, however they are called', async (t) => {
  const seen = await start(t)
  for (const interim of [
    'HTTP/1.1 102 Processing\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nContent-Length: 500\r\n\r\n',
    'HTTP/1.1 199 Whatever\r\nX-Hint: a\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nContent-Type: text/event-stream\r\n\r\n'.repeat(100),
  ]) {
    const text = await seen(interim + last)
    t.match(text, /^HTTP\/1\.1 200 OK\r\ncontent-length: 2\r\n[^]*\r\n\r\nok$/, interim)
    t.notMatch(text, /a\.css|x-hint|event-stream/i)
  }
})

t.test('interim answers that nobody can want are a 502', async (t) => {
  const seen = await start(t)
  for (const interim of [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    'HTTP/1.1 102 Processing\r\n\r\n'.repeat(101),
  ]) {
    const text = await seen(interim + last)
    t.match(text, /^HTTP\/1\.1 502 [^]*"code":"upstream_invalid"/, interim.slice(0, 60))
  }
})

t.test('a flood of interim answers does not keep a request for ever', async (t) => {
  let flood: NodeJS.Timeout | undefined
  t.teardown(() => {
    clearInterval(flood)
  })
  const upstream = await startRawBackend(t, (socket) => {
    flood = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 1)
  })
  const gateway = await startGateway(t, { upstream })
  t.match((await gateway.request('/open/x')).json(), { status: 502, code: 'upstream_invalid' })
})

t.test('a status that no class of RFC 9110 knows is a 502', async (t) => {
  const seen = await start(t)
  for (const status of ['000', '099', '600', '999']) {
    const text = await seen(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nok`)
    t.match(text, /^HTTP\/1\.1 502 [^]*"code":"upstream_invalid"/, status)
  }
})

t.test('a coding besides chunked is never taken off silently', async (t) => {
  const seen = await start(t)
  for (const [coding, rest] of [
    ['gzip, chunked', '2\r\nok\r\n0\r\n\r\n'],
    ['gzip', 'ok'],
    ['x-own', 'ok'],
  ] as const) {
    const text = await seen(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n${rest}`)
    t.match(text, /^HTTP\/1\.1 502 [^]*"code":"upstream_invalid"/, coding)
  }
  const text = await seen(
    'HTTP/1.1 200 OK\r\ntransfer-encoding:  Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  )
  t.match(text, /^HTTP\/1\.1 200 [^]*\r\n\r\n2\r\nok\r\n0\r\n\r\n$/)
})

t.test('a 401 of FastAPI that never ends is explained all the same', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' })
    if (request.url === '/maybe/endless') {
      const pour = (): void => {
        while (response.write('x'.repeat(65_536)));
      }
      response.on('drain', pour)
      pour()
    } else response.write('{"detail":')
  })
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { idle: 200ms } }`,
  })
  const endless = await gateway.request('/maybe/endless')
  t.match(endless.json(), { status: 401, code: 'credential_missing' }, 'too long')
  const silent = await gateway.request('/maybe/silent')
  t.match(silent.json(), { status: 504, code: 'upstream_timeout' }, 'too slow')
  const wire = await dial(t, gateway.url)
  wire.send('GET /maybe/silent HTTP/1.1\r\nHost: app.test\r\n\r\n')
  while (backend.seen.length < 3) await new Promise(setImmediate)
  wire.socket.destroy()
  while (backend.aborted() < 3) await new Promise(setImmediate)
  t.equal(backend.aborted(), 3, 'and none of them is left at FastAPI')
})
