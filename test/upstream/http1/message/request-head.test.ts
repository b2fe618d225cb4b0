import t from 'tap'
import { writeRequestHead } from '../../../../src/upstream/http1/message/request-head.ts'
import type { RequestBody, UpstreamRequest } from '../../../../src/upstream/http1/port.ts'

const nothing = (): void => undefined

function bodyOf(chunked: boolean): RequestBody {
  return { chunked, sendTo: nothing, resume: nothing, stop: nothing }
}

function write(request: Partial<UpstreamRequest>, closes = false): string | null {
  const plain = { method: 'GET', path: '/', headers: [], body: null, firstByteMs: 0, idleMs: 0 }
  return writeRequestHead({ ...plain, ...request }, closes)
}

t.test('a head is written as it is, with nothing added but framing', async (t) => {
  t.equal(
    write({ path: '/a?b=%20', headers: ['host', 'app.test', 'x-empty', '', 'x', 'a', 'x', 'b'] }),
    'GET /a?b=%20 HTTP/1.1\r\nhost: app.test\r\nx-empty: \r\nx: a\r\nx: b\r\n\r\n',
  )
  t.equal(write({}), 'GET / HTTP/1.1\r\n\r\n')
  t.equal(write({}, true), 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n')
})

t.test('bytes above ASCII pass as latin1', async (t) => {
  const headers = ['x-name', 'caf\xe9 \x80\xff\xa0\x85', 'x-tab', 'a\tb']
  const head = write({ path: '/caf\xc3\xa9\xff', headers })
  t.equal(
    head,
    'GET /caf\xc3\xa9\xff HTTP/1.1\r\nx-name: caf\xe9 \x80\xff\xa0\x85\r\nx-tab: a\tb\r\n\r\n',
  )
  t.equal(Buffer.from(head ?? '', 'latin1').toString('latin1'), head)
})

t.test('a body is framed once', async (t) => {
  const cases: readonly (readonly [Partial<UpstreamRequest>, framing: string])[] = [
    [{ body: bodyOf(true), method: 'POST' }, 'transfer-encoding: chunked\r\n'],
    [{ body: bodyOf(true), method: 'GET' }, 'transfer-encoding: chunked\r\n'],
    [{ body: bodyOf(false), headers: ['content-length', '5'] }, 'content-length: 5\r\n'],
    [{ method: 'POST' }, 'content-length: 0\r\n'],
    [{ method: 'PUT' }, 'content-length: 0\r\n'],
    [{ method: 'PATCH' }, 'content-length: 0\r\n'],
    [{ method: 'POST', headers: ['content-length', '0'] }, 'content-length: 0\r\n'],
    [{ method: 'GET' }, ''],
    [{ method: 'HEAD' }, ''],
    [{ method: 'DELETE' }, ''],
    [{ method: 'OPTIONS' }, ''],
  ]
  for (const [request, framing] of cases) {
    const method = request.method ?? 'GET'
    t.equal(write(request), `${method} / HTTP/1.1\r\n${framing}\r\n`)
    t.equal(write(request, true), `${method} / HTTP/1.1\r\n${framing}connection: close\r\n\r\n`)
  }
})

t.test('a body whose end could be read in two ways, or in none, is not sent', async (t) => {
  t.equal(write({ body: bodyOf(false), method: 'POST' }), null)
  t.equal(write({ body: bodyOf(false), headers: ['content-type', 'text/plain'] }), null)
  t.equal(write({ body: bodyOf(true), headers: ['content-length', '5'] }), null)
})

/** What would end a line or a word, also once its high byte is lost. */
const never = [
  ...['\r', '\n', '\r\n', '\x00', '\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f'],
  ...['\u010a', '\u010d', '\u010d\u010a', '\u0100', '\u0120', '\u013a', '\u560a', '\u560d\u560a'],
  ...['\u2028', '\u2029', '\u212a', '\ufeff', '\u{1f60a}', '\ud80a', '\udc0d'],
]

t.test('what could become another line makes a request that cannot be written', async (t) => {
  const inject = 'x: y\r\n\r\nGET /other HTTP/1.1\r\n'
  for (const byte of never) {
    // Not as it is: some of these would end a line of the report, too.
    const shown = Array.from(byte, (each) => each.codePointAt(0)?.toString(16)).join(' ')
    for (const place of [`${byte}ab`, `a${byte}b`, `ab${byte}`, byte, `a${byte}${inject}`]) {
      t.equal(write({ headers: ['x', place] }), null, `value ${shown}`)
      t.equal(write({ headers: ['a', 'b', 'x', place, 'c', 'd'] }), null)
      t.equal(write({ path: `/${place}` }), null, `target ${shown}`)
      t.equal(write({ path: `/?${place}` }), null)
    }
  }
})

t.test('a target is one word', async (t) => {
  for (const path of ['/a b', '/ ', ' /', '/a\tb', '/ HTTP/1.1\r\nx: y', '/a HTTP/1.0']) {
    t.equal(write({ path }), null, JSON.stringify(path))
  }
  for (const path of ['/a#b', '/"<>\\^`{|}', '//a', '/%0d%0a', '*']) {
    t.match(write({ path }), `GET ${path} HTTP/1.1\r\n`)
  }
})
