import fc from 'fast-check'

const names = fc.constantFrom('X-A', 'server', 'Date', 'x-long-name-of-a-header', "!#$%&'*+-.^_`|~")
const values = fc.oneof(
  fc.constantFrom('', 'a', ' a b\t', 'caf\xe9', '\xa0x\xa0', '"q:;,"', 'x'.repeat(300)),
  fc.stringMatching(/^[\x20-\x7e]{0,20}$/),
)
const fields = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(names, values) },
      {
        weight: 1,
        arbitrary: fc.tuple(
          fc.constantFrom('Connection', 'Keep-Alive', 'Upgrade', 'Trailer'),
          fc.constantFrom('close', 'keep-alive', 'timeout=5', 'upgrade', 'x, close', 'h2c'),
        ),
      },
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}: ${value}\r\n`).join(''))

const data = fc.oneof(
  fc.constantFrom('', '\r\n', '0\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', '\x00\xff\n'),
  fc.stringMatching(/^[\x00-\xff]{0,40}$/),
)
const extension = fc.constantFrom('', '', '', ';a', ';a=b', ';a="b c"', ';a="\\"\\\\"', ';a=b;c=d')
const trailers = fc.constantFrom('', '', '', 'X: y\r\n', 'Expires: 1\r\nX:\r\n')

const chunks = fc
  .record({ pieces: fc.array(fc.tuple(data, extension), { maxLength: 4 }), trailers })
  .map(({ pieces, trailers: last }) => {
    const whole = pieces
      .filter(([piece]) => piece !== '')
      .map(([piece, more]) => `${piece.length.toString(16)}${more}\r\n${piece}\r\n`)
    return `${whole.join('')}0\r\n${last}\r\n`
  })

const framed = fc.oneof(
  data.map((body) => ({ field: `Content-Length: ${body.length}\r\n`, body })),
  chunks.map((body) => ({ field: 'Transfer-Encoding: chunked\r\n', body })),
  data.map((body) => ({ field: '', body })),
  fc.constantFrom('5', '05', '5, 5', '+5', '0x5', '').map((length) => {
    return { field: `Content-Length: ${length}\r\n`, body: 'hello' }
  }),
  fc
    .constantFrom('gzip, chunked', 'chunked, chunked', 'identity', 'chunked\t', '\tchunked')
    .map((coding) => {
      return { field: `Transfer-Encoding: ${coding}\r\n`, body: '5\r\nhello\r\n0\r\n\r\n' }
    }),
)
const interims = fc.constantFrom('', '', '', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
const lines = fc
  .tuple(
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'),
    fc.constantFrom('200 OK', '200 ', '200', '404 Not Found', '204 N', '304 N', '500 \xe9'),
  )
  .map(([version, rest]) => `${version} ${rest}\r\n`)

/** Answers most of which are as they should be. */
export const written = fc
  .tuple(interims, lines, fields, framed, fields)
  .map(([before, line, first, { field, body }, second]) => {
    return `${before}${line}${first}${field}${second}\r\n${body}`
  })

/** What makes another message of one, or of two. */
const pieces = fc.constantFrom(
  ...'\r\n\t \0\x01\x7f\x80\xff:;,="\\015f-+_'.split(''),
  ...['\r\n', '\r\n\r\n', 'HTTP/1.1 200 OK\r\n', 'X: y\r\n', 'chunked', ' \t'],
  ...['Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', '0\r\n\r\n', '3\r\nabc\r\n'],
)

const changes = fc.array(fc.record({ at: fc.nat(9999), drop: fc.nat(3), piece: pieces }), {
  minLength: 1,
  maxLength: 3,
})

/** The same, with something of it changed. */
export const changed = fc.tuple(written, changes).map(([text, all]) =>
  all.reduce((whole, { at, drop, piece }) => {
    const place = Math.floor((at / 10_000) * whole.length)
    return whole.slice(0, place) + piece + whole.slice(place + drop)
  }, text),
)

export const methods = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD')
