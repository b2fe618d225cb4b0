import t from 'tap'
import {
  ChunkedBody,
  EndlessBody,
  MeasuredBody,
} from '../../../../src/upstream/http1/message/bodies.ts'
import { byteByByte, cutAt, readBody, type ReadBody } from './reading.ts'

/** The same, however it is cut. */
function readChunked(text: string): ReadBody {
  const bytes = Buffer.from(text, 'latin1')
  const whole = readBody(new ChunkedBody(), [bytes])
  const single = readBody(new ChunkedBody(), byteByByte(bytes))
  if (JSON.stringify(whole) !== JSON.stringify(single)) {
    throw new Error(`cut: ${JSON.stringify(single)}, whole: ${JSON.stringify(whole)}`)
  }
  return whole
}

const over = { left: 0 }

t.test('chunks become what is in them', async (t) => {
  const cases: Readonly<Record<string, string>> = {
    '0\r\n\r\n': '',
    '2\r\nok\r\n0\r\n\r\n': 'ok',
    '2\r\nok\r\n3\r\nyes\r\n0\r\n\r\n': 'okyes',
    'a\r\n0123456789\r\n0\r\n\r\n': '0123456789',
    'A\r\n0123456789\r\n0\r\n\r\n': '0123456789',
    '1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n': 'abcdefghijklmnopqrstuvwxyz',
    // Data may look like anything.
    '4\r\n\r\n\r\n\r\n0\r\n\r\n': '\r\n\r\n',
    '5\r\n0\r\n\r\n\r\n0\r\n\r\n': '0\r\n\r\n',
    '3\r\n\x00\xff\n\r\n0\r\n\r\n': '\x00\xff\n',
    '002\r\nok\r\n000\r\n\r\n': 'ok',
    '000000000002\r\nok\r\n000000000000\r\n\r\n': 'ok',
  }
  for (const [text, body] of Object.entries(cases)) {
    t.strictSame(readChunked(text), { result: over, body }, JSON.stringify(text))
  }
})

t.test('a chunk whose framing is not to the letter is none', async (t) => {
  const end = '0\r\n\r\n'
  const bad = [
    // Sizes.
    '\r\n\r\n',
    ';a\r\n\r\n',
    `\r\nok\r\n${end}`,
    `;a\r\nok\r\n${end}`,
    ` 2\r\nok\r\n${end}`,
    `+2\r\nok\r\n${end}`,
    `-2\r\nok\r\n${end}`,
    `0x2\r\nok\r\n${end}`,
    `2h\r\nok\r\n${end}`,
    `g\r\nok\r\n${end}`,
    `2.\r\nok\r\n${end}`,
    `2,\r\nok\r\n${end}`,
    `2_\r\nok\r\n${end}`,
    `\x002\r\nok\r\n${end}`,
    `2\x00\r\nok\r\n${end}`,
    `2\x0b\r\nok\r\n${end}`,
    `\xb2\r\nok\r\n${end}`,
    `"2"\r\nok\r\n${end}`,
    // Sizes that are the same with their high bits gone.
    `10000000000000002\r\nok\r\n${end}`,
    `1000000000000002\r\nok\r\n${end}`,
    `ffffffffffffffff\r\nok\r\n${end}`,
    `8000000000000000\r\nok\r\n${end}`,
    '0000000000002\r\nok\r\n',
    '0000000000000\r\n\r\n',
    // Line ends.
    `2\nok\r\n${end}`,
    `2\rok\r\n${end}`,
    `2\rxok\r\n${end}`,
    `2\r\r\nok\r\n${end}`,
    `2\n\r\nok\r\n${end}`,
    `2;a\nok\r\n${end}`,
    `2;a\n\r\nok\r\n${end}`,
    `2;a\rb\r\nok\r\n${end}`,
    `2\r\nok${end}`,
    `2\r\nok\n${end}`,
    `2\r\nokx\n${end}`,
    `2\r\nok\rx${end}`,
    `2\r\nok\r${end}`,
    `2\r\nok\r\r\n${end}`,
    `2\r\nok\n\r${end}`,
    `2\r\nok\r\n\r\n${end}`,
    // More or less data than there should be.
    `2\r\noks\r\n${end}`,
    `3\r\nok\r\n${end}`,
    // The end.
    '0\n\n',
    '0\r\n\n',
    '0\r\n\rx',
    '0\r\n\r\r\n',
    '0\n\r\n',
  ]
  for (const text of bad) t.equal(readChunked(text).result, 'broken', JSON.stringify(text))
})

t.test('a body that is not over is not over', async (t) => {
  const whole = '2\r\nok\r\n3;a=b\r\nyes\r\n0\r\nX: y\r\n\r\n'
  for (let end = 0; end < whole.length; end += 1) {
    t.equal(readChunked(whole.slice(0, end)).result, 'more', JSON.stringify(whole.slice(0, end)))
  }
  t.strictSame(readChunked(whole), { result: over, body: 'okyes' })
  t.strictSame(readBody(new ChunkedBody(), [Buffer.alloc(0)]), { result: 'more', body: '' })
})

t.test('the largest chunk is larger than any body, and its size is no other number', async (t) => {
  const body = readChunked('ffffffffffff\r\nbeginning')
  t.strictSame(body, { result: 'more', body: 'beginning' })
  const reader = new ChunkedBody()
  const bytes = Buffer.alloc(1_000_000)
  readBody(reader, [Buffer.from('ffffff\r\n')])
  for (let each = 0; each < 16; each += 1) t.equal(readBody(reader, [bytes]).result, 'more')
  // 16 * 1,000,000 of 16,777,215.
  t.equal(readBody(reader, [bytes.subarray(0, 777_215)]).result, 'more')
  t.strictSame(readBody(reader, [Buffer.from('\r\n0\r\n\r\n')]), { result: over, body: '' })
})

t.test('extensions are dropped, and bounded for each chunk', async (t) => {
  for (const extension of [';a', ';a=b', ';a="b c"', ';a=b;c=d']) {
    const text = `2${extension}\r\nok\r\n0${extension}\r\n\r\n`
    t.match(readChunked(text), { result: over, body: 'ok' }, JSON.stringify(extension))
  }
  const long = `2;${'a'.repeat(16_383)}\r\nok\r\n`
  t.match(readChunked(`${long.repeat(3)}0\r\n\r\n`), { result: over, body: 'okokok' })
  t.equal(readChunked(`2;${'a'.repeat(16_384)}\r\nok\r\n0\r\n\r\n`).result, 'broken')
  t.equal(readChunked(`2;${'a'.repeat(16_384)}`).result, 'broken', 'before its end has come')
})

// What follows is refused by Node's strict parser. (RFC 9112 §7.1.1 has blanks before a semicolon, which nobody sends.)
t.test('an extension that is none is not passed over', async (t) => {
  const bad = [' ', '\t', ' x', ' 6', '\t;a', ' ;a', ';', ';;', ';a;', '; a', ';a b', ';a/b', ';=b']
  bad.push(';\x00', ';a\x00', ';a=\x1b', ';a="\x00"', ';a=\xe9', ';\xe9', ';a=b"c', ';a="b"c')
  for (const extension of bad) {
    const text = `2${extension}\r\nok\r\n0\r\n\r\n`
    t.equal(readChunked(text).result, 'broken', JSON.stringify(extension))
  }
})

t.test('a trailer that is none is not passed over', async (t) => {
  const bad = ['X\r\n', ': y\r\n', 'X : y\r\n', ' X: y\r\n', 'X: y\r\n z\r\n', 'X Y: z\r\n']
  bad.push('X: \x00\r\n', 'X: \x7f\r\n', '\x00\r\n', 'HTTP/1.1 200 OK\r\n', '\xe9: y\r\n', '0\r\n')
  // Nor is one that would say again how long the body is (RFC 9110 §6.5.1).
  bad.push('Content-Length: 5\r\n', 'X: y\r\ncontent-length: 2\r\n')
  for (const trailer of bad) {
    const text = `2\r\nok\r\n0\r\n${trailer}\r\n`
    t.equal(readChunked(text).result, 'broken', JSON.stringify(trailer))
  }
})

t.test('trailers are dropped, and bounded together', async (t) => {
  const trailers = ['X: y\r\n', 'X: y\r\nSet-Cookie: a=b\r\n', 'X:\r\n', 'X: \xe9\r\n']
  for (const trailer of trailers) {
    t.match(readChunked(`2\r\nok\r\n0\r\n${trailer}\r\n`), { result: over, body: 'ok' })
  }
  for (const trailer of ['X: y\n\r\n', 'X: y\r\n\n', '\nX: y\r\n\r\n', 'X: y\rZ\r\n\r\n']) {
    t.equal(readChunked(`0\r\n${trailer}`).result, 'broken', JSON.stringify(trailer))
  }
  const line = `X: ${'a'.repeat(1000)}\r\n`
  t.match(readChunked(`0\r\n${line.repeat(16)}\r\n`), { result: over }, '16,064 bytes')
  t.equal(readChunked(`0\r\n${line.repeat(17)}\r\n`).result, 'broken')
  t.equal(readChunked(`0\r\n${'X: y\r\n'.repeat(20_000)}`).result, 'broken', 'many short ones')
  t.equal(readChunked(`0\r\nX: ${'a'.repeat(20_000)}`).result, 'broken', 'before its end has come')
})

t.test('what is behind a body is left where it is', async (t) => {
  const next = 'HTTP/1.1 200 OK\r\n\r\n'
  for (const trailer of ['', 'X: y\r\n']) {
    const bytes = Buffer.from(`2\r\nok\r\n0\r\n${trailer}\r\n${next}`)
    const read = readBody(new ChunkedBody(), [bytes])
    t.strictSame(read, { result: { left: next.length }, body: 'ok' })
  }
  for (const length of [0, 1, 5]) {
    const bytes = Buffer.from(`${'x'.repeat(length)}${next}`)
    const read = readBody(new MeasuredBody(length), [bytes])
    t.strictSame(read, { result: { left: next.length }, body: 'x'.repeat(length) })
  }
})

t.test('a measured body has so many bytes, however they come', async (t) => {
  const bytes = Buffer.from('0123456789')
  t.equal(new MeasuredBody(0).isOver, true)
  t.equal(new MeasuredBody(1).isOver, false)
  const all = { result: over, body: '0123456789' }
  t.strictSame(readBody(new MeasuredBody(10), [bytes]), all)
  t.strictSame(readBody(new MeasuredBody(10), byteByByte(bytes)), all)
  t.strictSame(readBody(new MeasuredBody(10), cutAt(bytes, [0, 0, 3, 3, 9])), all)
  t.strictSame(readBody(new MeasuredBody(11), [bytes]), { ...all, result: 'more' })
  t.strictSame(readBody(new MeasuredBody(9), [bytes]), { result: { left: 1 }, body: '012345678' })
  t.match(readBody(new MeasuredBody(999_999_999_999_999), [bytes]), { result: 'more' })
})

t.test('a body without an end of its own takes whatever comes', async (t) => {
  const bytes = Buffer.from('0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')
  for (const pieces of [[bytes], byteByByte(bytes)]) {
    const read = readBody(new EndlessBody(), pieces)
    t.strictSame(read, { result: 'more', body: bytes.toString() })
  }
  t.strictSame(readBody(new EndlessBody(), [Buffer.alloc(0)]), { result: 'more', body: '' })
})

t.test('a body may begin anywhere among the bytes', async (t) => {
  const bytes = Buffer.from('head2\r\nok\r\n0\r\n\r\nbehind')
  const pieces: string[] = []
  const take = (piece: Buffer): number => pieces.push(piece.toString())
  t.equal(new ChunkedBody().read(bytes, 4, take), 16)
  t.equal(new MeasuredBody(3).read(bytes, 4, take), 7)
  t.equal(new EndlessBody().read(bytes, 16, take), 22)
  t.equal(new MeasuredBody(3).read(bytes, 22, take), 22)
  t.equal(new EndlessBody().read(bytes, 22, take), 22)
  t.strictSame(pieces, ['ok', '2\r\n', 'behind'])
})
