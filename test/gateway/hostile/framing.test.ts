import t, { type Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { dial, statuses, tell } from './wire.ts'

async function start(t: Test): Promise<{ backend: Backend; gateway: Running }> {
  const backend = await startBackend(t)
  return { backend, gateway: await startGateway(t, { upstream: backend.url }) }
}

/** A request that nobody may send, were it to come out of the body of another. */
const hidden = 'GET /open/hidden HTTP/1.1\r\nHost: app.test\r\n\r\n'

t.test(
  'framing that two readers could read differently is refused, and the connection closed',
  async (t) => {
    const { backend, gateway } = await start(t)
    const cases = {
      'two lengths': 'Content-Length: 3\r\nContent-Length: 5',
      'the same length twice': 'Content-Length: 3\r\nContent-Length: 3',
      'a list of lengths': 'Content-Length: 3, 3',
      'a signed length': 'Content-Length: +3',
      'a negative length': 'Content-Length: -3',
      'a length in hex': 'Content-Length: 0x3',
      'a length with a fraction': 'Content-Length: 3.0',
      'an empty length': 'Content-Length: ',
      'a length beyond all numbers': `Content-Length: ${'9'.repeat(30)}`,
      'a length and chunked': 'Content-Length: 3\r\nTransfer-Encoding: chunked',
      'chunked and a length': 'Transfer-Encoding: chunked\r\nContent-Length: 3',
      'another coding': 'Transfer-Encoding: gzip',
      'another coding after chunked': 'Transfer-Encoding: chunked, gzip',
      'identity after chunked': 'Transfer-Encoding: chunked, identity',
      'chunked twice': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
      'chunked, nearly': 'Transfer-Encoding: xchunked',
      'chunked behind a control character': 'Transfer-Encoding: \u000bchunked',
      'chunked with a space before the colon': 'Transfer-Encoding : chunked',
      'chunked on a folded line': 'Transfer-Encoding:\r\n chunked',
      'a length on a folded line': 'X: y\r\n Content-Length: 3',
      'a name with a NUL': 'X\u0000: y',
      'a value with a NUL': 'X: \u0000y',
      'a bare CR in a value': 'X: a\rTransfer-Encoding: chunked',
      'no colon': 'Transfer-Encoding chunked',
      'no name': ': chunked',
    }
    for (const [why, lines] of Object.entries(cases)) {
      const text = await tell(
        t,
        gateway.url,
        `POST /open/x HTTP/1.1\r\nHost: app.test\r\n${lines}\r\n\r\nabc${hidden}`,
      )
      t.match(text, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/, why)
      t.match(text, /connection: close/i, why)
      t.equal(statuses(text).length, 1, `${why}: nothing else is answered`)
    }
    t.same(backend.seen, [])
    t.equal((await gateway.request('/open/x')).status, 200)
  },
)

t.test('malformed chunks end the request, and never become another', async (t) => {
  const { backend, gateway } = await start(t)
  const cases = {
    'a size that is none': 'xyz\r\nabc\r\n0\r\n\r\n',
    'a size with a prefix': '0x3\r\nabc\r\n0\r\n\r\n',
    'a signed size': '+3\r\nabc\r\n0\r\n\r\n',
    'a negative size': '-3\r\nabc\r\n0\r\n\r\n',
    'a size beyond all numbers': 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n',
    'no end of a chunk': '3\r\nabcXX0\r\n\r\n',
    'a bare LF after the size': '3\nabc\r\n0\r\n\r\n',
    'a bare LF after the chunk': '3\r\nabc\n0\r\n\r\n',
    'a bare LF in an extension': '3;a\nxx\r\nabc\r\n0\r\n\r\n',
    'an empty size': '\r\nabc\r\n0\r\n\r\n',
    'a space before the size': ' 3\r\nabc\r\n0\r\n\r\n',
    'a broken trailer': '3\r\nabc\r\n0\r\nno colon\r\n\r\n',
    'an endless extension': `3;${'x'.repeat(40_000)}\r\nabc\r\n0\r\n\r\n`,
  }
  for (const [why, chunks] of Object.entries(cases)) {
    const wire = await dial(t, gateway.url)
    wire.send(
      `POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}${hidden}`,
    )
    const text = await wire.ended
    t.ok(statuses(text).length <= 1, `${why}: nothing else is answered`)
    t.notMatch(text, /^HTTP\/1\.1 [235]/, why)
  }
  t.same(backend.seen, [], 'FastAPI saw no complete request')
  const legal = `4;name=value\r\nWiki\r\n5;q="a;b"\r\npedia\r\n0000\r\nX-Late: 1\r\n\r\n`
  const text = await tell(
    t,
    gateway.url,
    `POST /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nTransfer-Encoding: Chunked\r\n\r\n${legal}`,
  )
  t.match(text, /^HTTP\/1\.1 200 /)
  t.equal(backend.seen[0]!.body.toString(), 'Wikipedia')
})

t.test('what looks like a request inside a body stays a body', async (t) => {
  const { backend, gateway } = await start(t)
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST']) {
    for (const body of [
      `Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
      `Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
    ]) {
      const text = await tell(
        t,
        gateway.url,
        `${method} /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n${body}`,
      )
      t.same(statuses(text), [200], method)
      t.match(backend.seen.at(-1), { method, url: '/open/x' })
      t.equal(backend.seen.at(-1)!.body.toString(), hidden, method)
    }
  }
  t.notOk(backend.seen.some(({ url }) => url === '/open/hidden'))
})

t.test('the body of a refused request never becomes the next request', async (t) => {
  const { backend, gateway } = await start(t)
  for (const framing of [
    `Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
    `Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ]) {
    const wire = await dial(t, gateway.url)
    wire.send(`POST /api/x HTTP/1.1\r\nHost: app.test\r\n${framing}`)
    wire.send('GET /open/last HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n')
    const text = await wire.ended
    t.equal(statuses(text)[0], 401)
    t.notOk(backend.seen.some(({ url }) => url === '/open/hidden'))
  }
})

t.test('requests that are sent ahead are each judged on their own, in their order', async (t) => {
  const { backend, gateway } = await start(t)
  const one = (target: string, more = ''): string =>
    `GET ${target} HTTP/1.1\r\nHost: app.test\r\n${more}\r\n`
  const text = await tell(
    t,
    gateway.url,
    one('/open/1') +
      one('/api/2') +
      one('/open/%2e%2e/3') +
      one('/open/4') +
      one('/open/5', 'Connection: close\r\n'),
  )
  t.same(statuses(text), [200, 401, 400, 200, 200])
  t.same(
    backend.seen.map(({ url }) => url),
    ['/open/1', '/open/4', '/open/5'],
  )
})

t.test('an upgrade that is not WebSocket is ignored, and nothing is tunnelled', async (t) => {
  const { backend, gateway } = await start(t)
  const wire = await dial(t, gateway.url)
  wire.send(
    'GET /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
  )
  t.same(statuses(await wire.ended), [200], 'nothing can follow')
  t.notOk('upgrade' in backend.seen[0]!.headers)
  t.notOk('http2-settings' in backend.seen[0]!.headers)
})

t.test('a body that is announced too large is refused before any of it is sent', async (t) => {
  const { backend, gateway } = await start(t)
  const text = await tell(
    t,
    gateway.url,
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2000000\r\n\r\n',
  )
  t.match(text, /^HTTP\/1\.1 413 [^]*connection: close[^]*body_too_large/i)
  t.same(backend.seen, [])
})

t.test('a header that may occur once is refused when it occurs twice', async (t) => {
  const { backend, gateway } = await start(t)
  for (const line of ['Content-Type: text/plain\r\n', 'Origin: http://app.test\r\n']) {
    const text = await tell(
      t,
      gateway.url,
      `GET /open/x HTTP/1.1\r\nHost: app.test\r\n${line}${line}Connection: close\r\n\r\n`,
    )
    t.match(text, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/, line)
  }
  t.same(backend.seen, [])
})

t.test('methods that nobody knows, and lines that are none, are refused cleanly', async (t) => {
  const { backend, gateway } = await start(t)
  for (const line of [
    ...[
      'GET /open/x HTTP/1.2',
      'GET /open/x HTTP/9.9',
      'GET /open/x HTTP/1',
      'GET /open/x http/1.1',
    ],
    ...[
      'GET /open/x HTTP/1.1 x',
      'get /open/x HTTP/1.1',
      'G\u0000T /open/x HTTP/1.1',
      ' GET / HTTP/1.1',
    ],
    ...[
      'TRACE /open/x HTTP/1.1',
      'PROPFIND /open/x HTTP/1.1',
      'FOO /open/x HTTP/1.1',
      'PRI * HTTP/2.0',
    ],
  ]) {
    const text = await tell(
      t,
      gateway.url,
      `${line}\r\nHost: app.test\r\nConnection: close\r\n\r\n`,
    )
    t.match(text, /^HTTP\/1\.1 (?:400|405) [^]*application\/problem\+json/, line)
  }
  t.same(backend.seen, [])
})

t.test('more headers than anybody counts hide nothing', async (t) => {
  const { backend, gateway } = await start(t)
  const many = 'a:\r\n'.repeat(2500)
  for (const late of [
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    'Authorization: Bearer x',
  ]) {
    const body = late.startsWith('Transfer') ? '3\r\nabc\r\n0\r\n\r\n' : 'abc'
    const text = await tell(
      t,
      gateway.url,
      `POST /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n${many}${late}\r\n\r\n${late.startsWith('Auth') ? '' : body}`,
    )
    const [status] = statuses(text)
    if (status === 200) {
      t.equal(backend.seen.at(-1)!.body.toString(), late.startsWith('Auth') ? '' : 'abc', late)
    } else t.match(text, /^HTTP\/1\.1 (?:400|431) /, late)
  }
  const twice = await tell(
    t,
    gateway.url,
    `GET /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n${many}Host: evil.test\r\n\r\n`,
  )
  t.match(twice, /^HTTP\/1\.1 4/)
})
