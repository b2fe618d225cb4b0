import t from 'tap'
import { InvalidAnswer } from '../../../../src/upstream/http1/failure.ts'
import { AnswerReader, type Reading } from '../../../../src/upstream/http1/message/answer-reader.ts'
import { byteByByte, cutAt, deaf, overwriting, readAnswer } from './reading.ts'

const longestHead = 65_536
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

/** A head that ends, with its empty line not counted, after so many bytes. */
function headOf(length: number): Buffer {
  const begin = 'HTTP/1.1 204 N\r\nX: '
  return Buffer.from(`${begin}${'a'.repeat(length - begin.length)}\r\n\r\n`)
}

t.test('a head may have 65,536 bytes, and not one more', async (t) => {
  const [longest, longer] = [headOf(longestHead), headOf(longestHead + 1)]
  for (const place of [1, 1000, longestHead - 1, longestHead, longestHead + 1, longestHead + 3]) {
    t.equal(readAnswer(cutAt(longest, [place])).reading, 'complete', `cut at ${place}`)
    t.ok(readAnswer(cutAt(longer, [place])).reading instanceof InvalidAnswer, `cut at ${place}`)
  }
  t.equal(readAnswer([longest]).reading, 'complete')
  t.ok(readAnswer([longer]).reading instanceof InvalidAnswer)
})

t.test('a head that never ends is not collected for ever', async (t) => {
  const line = Buffer.from(`X: ${'a'.repeat(1000)}\r\n`)
  const pieces = [Buffer.from('HTTP/1.1 200 OK\r\n'), ...Array<Buffer>(1000).fill(line)]
  const { reading, pieces: read } = readAnswer(pieces)
  t.ok(reading instanceof InvalidAnswer)
  t.ok(read <= 67, `after ${read} pieces`)
})

t.test('what cannot become HTTP is known by its first bytes', async (t) => {
  for (const text of [
    'S',
    'HTTP/2',
    'http',
    '\r',
    '\n',
    ' HTTP/1.1',
    'HTTP/1.\x00'.slice(0, 6) + '2',
  ]) {
    const { reading, pieces } = readAnswer(byteByByte(Buffer.from(`${text}${'x'.repeat(100)}`)))
    t.ok(reading instanceof InvalidAnswer, text)
    t.ok(pieces <= 7, `${text} after ${pieces} bytes`)
  }
  for (const text of ['H', 'HTTP/1', 'HTTP/1.', 'HTTP/1.1 2']) {
    t.equal(readAnswer(byteByByte(Buffer.from(text))).reading, 'more', text)
  }
})

t.test('interim answers may be a hundred, and their heads no longer than others', async (t) => {
  const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
  const end = 'HTTP/1.1 204 N\r\n\r\n'
  for (const cut of [(bytes: Buffer) => [bytes], byteByByte]) {
    const read = (text: string): Reading => readAnswer(cut(Buffer.from(text))).reading
    t.equal(read(interim.repeat(100) + end), 'complete')
    t.ok(read(interim.repeat(101) + end) instanceof InvalidAnswer)
    t.ok(read(interim.repeat(101)) instanceof InvalidAnswer, 'before the next one has come')
  }
  // Together they may be longer than one may be.
  const long = Buffer.from(`HTTP/1.1 103 E\r\nX: ${'a'.repeat(60_000)}\r\n\r\n`)
  t.equal(readAnswer([long, long, long, Buffer.from(end)]).reading, 'complete')
  t.equal(readAnswer([Buffer.concat([long, long, Buffer.from(end)])]).reading, 'complete')
})

t.test('headers of an interim answer are not those of the answer', async (t) => {
  const { heard } = readAnswer([
    Buffer.from('HTTP/1.1 103 E\r\nContent-Length: 99\r\nSet-Cookie: a=b\r\n\r\n'),
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  ])
  t.strictSame(heard, { status: 200, headers: ['content-length', '2'], body: 'ok' })
})

t.test('nothing follows an interim answer that ends its connection', async (t) => {
  const end = 'HTTP/1.1 204 N\r\n\r\n'
  // Node reads no further there. HTTP/1.0 has no interim answers (RFC 9110 §15.2).
  for (const interim of ['HTTP/1.0 103 E\r\n\r\n', 'HTTP/1.1 103 E\r\nConnection: close\r\n\r\n']) {
    const { reading } = readAnswer([Buffer.from(interim + end)])
    t.ok(reading instanceof InvalidAnswer, interim)
  }
})

/** Stops the reader when it tells something for the n-th time, and reads on as its connection never would. */
function stopAt(count: number, pieces: readonly Buffer[]): { told: string[]; readings: Reading[] } {
  const told: string[] = []
  const tell = (what: string): void => {
    told.push(what)
    if (told.length === count) reader.stop()
  }
  const reader = new AnswerReader('GET', {
    ...deaf,
    onHead: () => {
      tell('head')
    },
    onData: (chunk) => {
      tell(chunk.toString())
    },
  })
  const readings: Reading[] = []
  overwriting(pieces, (bytes) => {
    readings.push(reader.read(bytes))
    return false
  })
  return { told, readings }
}

t.test('a reader that was stopped tells nothing more, also in the middle of a read', async (t) => {
  const body = '1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n'
  const whole = Buffer.from(chunked + body)
  const all = ['head', 'a', 'b']
  for (let count = 1; count <= all.length; count += 1) {
    const told = all.slice(0, count)
    t.strictSame(stopAt(count, [whole]).told, told, 'in one piece')
    t.strictSame(stopAt(count, byteByByte(whole)).told, told, 'byte by byte')
    t.strictSame(stopAt(count, cutAt(whole, [chunked.length])).told, told, 'head and body')
  }
  t.strictSame(stopAt(1, [whole]).readings, ['more'], 'of what is not read nothing is said')
})

t.test('an endless body that was stopped is told no further', async (t) => {
  const pieces = ['HTTP/1.1 200 OK\r\n\r\na', 'b', 'c'].map((text) => Buffer.from(text))
  t.strictSame(stopAt(1, pieces).told, ['head'])
  t.strictSame(stopAt(2, pieces).told, ['head', 'a'])
  t.strictSame(stopAt(3, pieces).told, ['head', 'a', 'b'])
})
