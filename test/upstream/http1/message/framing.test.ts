import t from 'tap'
import {
  readAnswerHead,
  type AnswerHead,
} from '../../../../src/upstream/http1/message/answer-head.ts'

function read(lines: string, method = 'GET', line = 'HTTP/1.1 200 OK'): AnswerHead | string {
  return readAnswerHead(`${line}\r\n${lines}`, method)
}

function good(lines: string, method?: string, line?: string): AnswerHead {
  const head = read(lines, method, line)
  if (typeof head === 'string') throw new Error(`${head}: ${JSON.stringify(lines)}`)
  return head
}

t.test('the end of a body is told by a length, by chunks, or by the connection', async (t) => {
  const cases: Readonly<Record<string, AnswerHead['framing']>> = {
    '': 'close',
    'Content-Length: 0\r\n': 0,
    'Content-Length: 5\r\n': 5,
    'content-length:5\r\n': 5,
    'CONTENT-LENGTH: \t 5 \t \r\n': 5,
    'Content-Length: 00005\r\n': 5,
    'Content-Length: 999999999999999\r\n': 999_999_999_999_999,
    'Transfer-Encoding: chunked\r\n': 'chunked',
    'TRANSFER-ENCODING:CHUNKED \r\n': 'chunked',
    'Transfer-Encoding: Chunked\r\nX: content-length\r\n': 'chunked',
    // Names that are nearly those.
    'Content-Lengths: 5\r\nX-Content-Length: 6\r\nContent_Length: 7\r\n': 'close',
    'X-Transfer-Encoding: chunked\r\nTransfer-Encodings: gzip\r\n': 'close',
  }
  for (const [lines, framing] of Object.entries(cases)) {
    t.equal(good(lines).framing, framing, JSON.stringify(lines))
  }
})

t.test('a body whose end is told in two ways, or in an unknown one, is refused', async (t) => {
  const length = 'Content-Length: 5\r\n'
  const chunked = 'Transfer-Encoding: chunked\r\n'
  const lengths = [
    '5, 5',
    '5,5',
    '5 5',
    '+5',
    '-5',
    '-0',
    '0x5',
    '5.0',
    '5e0',
    '5;',
    '"5"',
    'five',
    '',
    ' \t ',
    ',5',
    '5,',
    '\xb2',
    '5\xa0',
    '\xa05',
    '1000000000000000',
    '9007199254740993',
    '18446744073709551621',
    '9'.repeat(400),
  ]
  const codings = [
    '',
    'gzip',
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    'chunked,',
    ',chunked',
    'identity',
    'identity, chunked',
    'chunked;q=1',
    'chunked; a=b',
    '"chunked"',
    'x-chunked',
    'xchunked',
    'chunkedx',
    'chun\tked',
    // To Node this is another coding than `chunked`, which it would then not undo.
    'chunked\t',
    'chunked \t ',
    'chunked\xa0',
    '\xa0chunked',
    '\x85chunked',
  ]
  const bad = [
    ...lengths.map((value) => `Content-Length: ${value}\r\n`),
    ...codings.map((value) => `Transfer-Encoding: ${value}\r\n`),
    length + length,
    `${length}Content-Length: 6\r\n`,
    `${length}X: a\r\n${length}`,
    length + chunked,
    chunked + length,
    `Content-Length: 0\r\n${chunked}`,
    chunked + chunked,
    `Transfer-Encoding: gzip\r\n${chunked}`,
    `${chunked}Transfer-Encoding: gzip\r\n`,
    `${chunked}Transfer-Encoding: \r\n`,
  ]
  for (const lines of bad) {
    t.type(read(lines), 'string', JSON.stringify(lines))
    t.type(read(lines, 'HEAD'), 'string', 'where there is no body, too')
    t.type(read(lines, 'GET', 'HTTP/1.1 304 Not Modified'), 'string')
  }
})

t.test('an answer to HEAD, a 204 and a 304 have no body, whatever they say', async (t) => {
  for (const lines of ['', 'Content-Length: 6\r\n', 'Transfer-Encoding: chunked\r\n']) {
    t.equal(good(lines, 'HEAD').framing, 0)
    t.equal(good(lines, 'GET', 'HTTP/1.1 204 No Content').framing, 0)
    t.equal(good(lines, 'POST', 'HTTP/1.1 304 Not Modified').framing, 0)
    t.equal(good(lines, 'HEAD').persists, true, 'so their connection need not end')
  }
  // Nothing else is without one: that would leave its bytes to the next request.
  t.equal(good('Content-Length: 6\r\n', 'GET', 'HTTP/1.1 205 Reset Content').framing, 6)
  t.equal(good('Content-Length: 6\r\n', 'OPTIONS', 'HTTP/1.1 200 OK').framing, 6)
  t.equal(good('Content-Length: 6\r\n', 'head', 'HTTP/1.1 200 OK').framing, 6)
})

t.test('HTTP/1.0 knows no chunks, and its connection is not used again', async (t) => {
  const line = 'HTTP/1.0 200 OK'
  t.type(read('Transfer-Encoding: chunked\r\n', 'GET', line), 'string')
  t.type(read('Transfer-Encoding: chunked\r\n', 'HEAD', line), 'string')
  t.match(good('Content-Length: 2\r\n', 'GET', line), { framing: 2, persists: false })
  const asked = 'Connection: keep-alive\r\nContent-Length: 2\r\n'
  t.match(good(asked, 'GET', line), { framing: 2, persists: false })
  t.match(good('', 'GET', line), { framing: 'close', persists: false })
})

t.test('a connection persists unless somebody says or needs otherwise', async (t) => {
  const cases: Readonly<Record<string, boolean>> = {
    '': true,
    'Connection: keep-alive\r\n': true,
    'Connection: close\r\n': false,
    'connection:CLOSE\r\n': false,
    'Connection: keep-alive, close\r\n': false,
    'Connection: close,keep-alive\r\n': false,
    'Connection: x ,\tclose\t, y\r\n': false,
    'Connection: keep-alive\r\nConnection: close\r\n': false,
    'Connection: close\r\nConnection: keep-alive\r\n': false,
    'Connection: closed\r\n': true,
    'Connection: not-close\r\n': true,
    'Proxy-Connection: close\r\n': true,
    'X-Connection: close\r\n': true,
  }
  for (const [lines, persists] of Object.entries(cases)) {
    t.equal(good(`${lines}Content-Length: 2\r\n`).persists, persists, JSON.stringify(lines))
  }
  t.equal(good('').persists, false, 'its end is that of the body')
  t.equal(good('Transfer-Encoding: chunked\r\n').persists, true)
})

t.test('it is heard how long the peer keeps a connection', async (t) => {
  const cases: Readonly<Record<string, number | null>> = {
    'timeout=5': 5000,
    'timeout=5, max=100': 5000,
    'max=100, timeout=5': 5000,
    'max=100,timeout=5': 5000,
    'TimeOut=75': 75_000,
    'timeout=0': 0,
    'timeout=1': 1000,
    'timeout=999999999': 999_999_999_000,
    '': null,
    'max=5': null,
    'timeout=': null,
    'timeout=x': null,
    'timeout=-5': null,
    'timeout=5s': null,
    'xtimeout=5': null,
    'timeout=99999999999': null,
  }
  for (const [value, keepAliveMs] of Object.entries(cases)) {
    t.equal(good(`Keep-Alive: ${value}\r\n`).keepAliveMs, keepAliveMs, value)
  }
  t.equal(good('').keepAliveMs, null)
})
