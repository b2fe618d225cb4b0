import t from 'tap'
import {
  readAnswerHead,
  type AnswerHead,
} from '../../../../src/upstream/http1/message/answer-head.ts'

function read(text: string): AnswerHead {
  const head = readAnswerHead(text, 'GET')
  if (typeof head === 'string') throw new Error(`${head}: ${JSON.stringify(text)}`)
  return head
}

/** The headers of a 200 with these lines. */
function headersOf(lines: string): readonly string[] {
  return read(`HTTP/1.1 200 OK\r\n${lines}`).headers
}

t.test('a status line is a version, a code and perhaps a reason', async (t) => {
  const good: Readonly<Record<string, number>> = {
    'HTTP/1.1 200 OK\r\n': 200,
    'HTTP/1.1 200 \r\n': 200,
    'HTTP/1.1 200\r\n': 200,
    'HTTP/1.0 404 Not Found\r\n': 404,
    'HTTP/1.1 100 Continue\r\n': 100,
    'HTTP/1.1 599 \t a\tb  c \r\n': 599,
    'HTTP/1.1 418 caf\xe9 \xff\x80\r\n': 418,
  }
  for (const [text, status] of Object.entries(good)) {
    t.equal(read(text).status, status, JSON.stringify(text))
    t.strictSame(read(text).headers, [])
  }
})

t.test('anything else is no status line', async (t) => {
  const bad = [
    '',
    '\r\n',
    'HTTP/1.1',
    'HTTP/1.1\r\n',
    'HTTP/1.1 \r\n',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK\n',
    'HTTP/1.1 200 OK\r',
    'HTTP/1.1 200 OK\rX: a\r\n',
    'HTTP/1.1 200 OK\nX: a\r\n',
    '\r\nHTTP/1.1 200 OK\r\n',
    ' HTTP/1.1 200 OK\r\n',
    'http/1.1 200 OK\r\n',
    'HTTP/0.9 200 OK\r\n',
    'HTTP/1.2 200 OK\r\n',
    'HTTP/1.10 200 OK\r\n',
    'HTTP/2.0 200 OK\r\n',
    'HTTP/2 200 OK\r\n',
    'HTTP 200 OK\r\n',
    'HTTPS/1.1 200 OK\r\n',
    'ICY 200 OK\r\n',
    'HTTP/1.1  200 OK\r\n',
    'HTTP/1.1\t200 OK\r\n',
    'HTTP/1.1 200\tOK\r\n',
    'HTTP/1.1 200OK\r\n',
    'HTTP/1.1 OK\r\n',
    'HTTP/1.1 42 X\r\n',
    'HTTP/1.1 2000 X\r\n',
    'HTTP/1.1 20 0 X\r\n',
    'HTTP/1.1 000 X\r\n',
    'HTTP/1.1 099 X\r\n',
    'HTTP/1.1 600 X\r\n',
    'HTTP/1.1 999 X\r\n',
    'HTTP/1.1 +20 X\r\n',
    'HTTP/1.1 -20 X\r\n',
    'HTTP/1.1 0x1 X\r\n',
    'HTTP/1.1 2\xb90 X\r\n',
    'HTTP/1.1 200 a\x00b\r\n',
    'HTTP/1.1 200 a\x1bb\r\n',
    'HTTP/1.1 200 a\x7fb\r\n',
  ]
  for (const text of bad) t.type(readAnswerHead(text, 'GET'), 'string', JSON.stringify(text))
})

t.test('names become lower case, and values keep all but the blanks around them', async (t) => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'X-Name: value\r\n': ['x-name', 'value'],
    'x:y\r\n': ['x', 'y'],
    'X:\r\n': ['x', ''],
    'X: \t \r\n': ['x', ''],
    'X: \t a \t b \t\r\n': ['x', 'a \t b'],
    'X: a:b:\r\n': ['x', 'a:b:'],
    'X: a\r\nY: b\r\nX: c\r\n': ['x', 'a', 'y', 'b', 'x', 'c'],
    "!#$%&'*+-.^_`|~09AZaz: 1\r\n": ["!#$%&'*+-.^_`|~09azaz", '1'],
    'X: "\\\x20!~"\r\n': ['x', '"\\\x20!~"'],
  }
  for (const [lines, headers] of Object.entries(cases)) t.strictSame(headersOf(lines), headers)
})

t.test('bytes above ASCII are part of a value, whatever Unicode calls them', async (t) => {
  t.strictSame(headersOf('X: caf\xe9 \xc3\xa9 \xff\x80\r\n'), ['x', 'caf\xe9 \xc3\xa9 \xff\x80'])
  // Blanks to `trim`: a no-break space and, as UTF-8 that is read as latin1, parts of many letters.
  for (const byte of ['\xa0', '\x85', '\xc2\xa0', '\xe2\x80\x83']) {
    t.strictSame(headersOf(`X: ${byte}a${byte} \r\n`), ['x', `${byte}a${byte}`])
    t.strictSame(headersOf(`X:${byte}\r\n`), ['x', byte])
  }
})

t.test('a line that somebody reads in another way is none', async (t) => {
  const bad = [
    // Bare line ends, at every place.
    'X: a\rY: b\r\n',
    'X: a\nY: b\r\n',
    'X: a\n\r\n',
    'X: a\r\r\n',
    'X: a\r',
    'X: a\n',
    'X: a',
    'X\r: a\r\n',
    'X\n: a\r\n',
    '\rX: a\r\n',
    '\nX: a\r\n',
    // An empty line ends a head: what comes behind it is no part of it.
    '\r\n',
    '\r\nX: a\r\n',
    'X: a\r\n\r\nY: b\r\n',
    // Folded lines.
    'X: a\r\n b\r\n',
    'X: a\r\n\tb\r\n',
    ' X: a\r\n',
    '\tX: a\r\n',
    'X: a\r\n \r\n',
    // Blanks before the colon, or within the name.
    'X : a\r\n',
    'X\t: a\r\n',
    'X Y: a\r\n',
    // No name, or no colon.
    ': a\r\n',
    ':\r\n',
    'X\r\n',
    'X a\r\n',
    'X: a\r\nY\r\n',
    // What no token has.
    ...'"(),/;<=>?@[\\]{}\x00\x01\x1f\x7f\x80\xe9\xff'.split('').map((byte) => `X${byte}Y: a\r\n`),
    // Control characters in a value.
    ...'\x00\x01\x08\x0b\x0c\x0e\x1b\x1f\x7f'.split('').map((byte) => `X: a${byte}b\r\n`),
    'X: \x00\r\n',
  ]
  for (const lines of bad) {
    for (const whole of [lines, `A: b\r\n${lines}`, `${lines}A: b\r\n`]) {
      const text = `HTTP/1.1 200 OK\r\n${whole}`
      // A last line without its end has one where another line follows.
      if (whole === 'X: aA: b\r\n') continue
      t.type(readAnswerHead(text, 'GET'), 'string', JSON.stringify(text))
    }
  }
})

t.test('what is wrong is said without the bytes that are', async (t) => {
  const secret = 'sekrit'
  for (const text of [`HTTP/9 ${secret}\r\n`, `HTTP/1.1 200 OK\r\nX ${secret}\r\n`]) {
    const wrong = readAnswerHead(text, 'GET')
    t.match(wrong, /^[a-z' ]+$/)
    t.notMatch(wrong, secret)
  }
})

t.test('a long head that is wrong at its end costs no more than a good one', async (t) => {
  const long = [
    `X: ${'a'.repeat(65_000)}`,
    'a:\r\n'.repeat(16_000),
    `${'a:b\r\n'.repeat(13_000)}${'a'.repeat(100)}`,
    'a: \t \t'.repeat(10_000),
    'a'.repeat(65_000),
    ':'.repeat(65_000),
    `X:${' '.repeat(65_000)}`,
  ]
  for (const lines of long) {
    const begun = performance.now()
    t.type(readAnswerHead(`HTTP/1.1 200 OK\r\n${lines}\x00\r\n`, 'GET'), 'string')
    // Reading it for each of its bytes anew would take many seconds.
    t.ok(performance.now() - begun < 1000, JSON.stringify(lines.slice(0, 20)))
  }
})
