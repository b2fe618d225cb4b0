import t from 'tap'
import { AnswerReader } from '../../../../src/upstream/http1/message/answer-reader.ts'
import { InvalidAnswer } from '../../../../src/upstream/http1/failure.ts'
import { byteByByte, cutAt, deaf, readAnswer, type Read } from './reading.ts'

interface Sample {
  readonly text: string
  readonly method?: string
  readonly reading: 'complete' | 'surplus' | 'more' | 'invalid'
  readonly body?: string
}

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`

const samples: readonly Sample[] = [
  { text: `${ok}Content-Length: 5\r\n\r\nhello`, reading: 'complete', body: 'hello' },
  { text: `${ok}Content-Length: 0\r\n\r\n`, reading: 'complete', body: '' },
  { text: `${ok}Content-Length: 5\r\n\r\nhel`, reading: 'more', body: 'hel' },
  {
    text: `${ok}Content-Length: 9\r\n\r\n\r\n\r\nHTTP/`,
    reading: 'complete',
    body: '\r\n\r\nHTTP/',
  },
  { text: `${ok}\r\nuntil the end`, reading: 'more', body: 'until the end' },
  { text: `${ok}X: a\xe9\r\nY: b\r\n\r\n\xff\x00`, reading: 'more', body: '\xff\x00' },
  { text: `${chunked}5\r\nhello\r\n0\r\n\r\n`, reading: 'complete', body: 'hello' },
  {
    text: `${chunked}2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX: y\r\n\r\n`,
    reading: 'complete',
    body: 'hello',
  },
  { text: `${chunked}0\r\n\r\n`, reading: 'complete', body: '' },
  { text: `${chunked}2\r\nhe\r\n3\r\nll`, reading: 'more', body: 'hell' },
  { text: `${chunked}2\r\nhe\r\nx`, reading: 'invalid' },
  { text: `${chunked}2\r\nheX`, reading: 'invalid' },
  { text: `${ok}Content-Length: 5\r\n\r\n`, method: 'HEAD', reading: 'complete', body: '' },
  { text: `${ok}\r\n`, method: 'HEAD', reading: 'complete', body: '' },
  { text: 'HTTP/1.1 204 No Content\r\n\r\n', reading: 'complete', body: '' },
  { text: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', reading: 'complete', body: '' },
  {
    text: `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
    reading: 'complete',
    body: 'ok',
  },
  {
    text: `${'HTTP/1.1 102 P\r\n\r\n'.repeat(3)}HTTP/1.1 204 N\r\n\r\n`,
    reading: 'complete',
    body: '',
  },
  { text: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', reading: 'complete', body: 'ok' },
  { text: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', reading: 'invalid' },
  { text: 'HTTP/1.1 100 Continue\r\n\r\n', reading: 'invalid' },
  { text: `HTTP/1.1 103 Early Hints\r\n X: y\r\n\r\n${ok}\r\n`, reading: 'invalid' },
  { text: `${ok}X: a\r\n b\r\n\r\n`, reading: 'invalid' },
  { text: 'SSH-2.0-OpenSSH_9.2\r\n', reading: 'invalid' },
  { text: '\r\nHTTP/1.1 200 OK\r\n\r\n', reading: 'invalid' },
  { text: 'HTTP/2.0 200 OK\r\n\r\n', reading: 'invalid' },
  { text: 'HTTP/1.1 200 OK\r\n', reading: 'more' },
]

function nameOf({ reading }: Read): Sample['reading'] {
  if (!(reading instanceof Error)) return reading
  if (reading instanceof InvalidAnswer) return 'invalid'
  throw reading
}

t.test('an answer is the same, wherever it is cut', async (t) => {
  for (const { text, method, reading, body } of samples) {
    const bytes = Buffer.from(text, 'latin1')
    const whole = readAnswer([bytes], method)
    t.equal(nameOf(whole), reading, text)
    if (body !== undefined) t.equal(whole.heard.body, body, text)
    const cuts = [
      byteByByte(bytes),
      cutAt(bytes, [0, 0]),
      ...Array.from(bytes, (_byte, place) => cutAt(bytes, [place])),
      ...Array.from(bytes, (_byte, place) =>
        cutAt(bytes, [place, Math.min(place + 2, bytes.length)]),
      ),
    ]
    const different = cuts.filter((pieces) => {
      const read = readAnswer(pieces, method)
      if (nameOf(read) !== reading) return true
      return reading !== 'invalid' && JSON.stringify(read.heard) !== JSON.stringify(whole.heard)
    })
    t.equal(different.length, 0, `${cuts.length} cuts of ${JSON.stringify(text)}`)
  }
})

t.test('bytes behind an answer are told apart from it', async (t) => {
  const behind = Buffer.from('H')
  for (const { text, method, reading, body = '' } of samples) {
    if (reading !== 'complete') continue
    const bytes = Buffer.concat([Buffer.from(text, 'latin1'), behind])
    for (let place = 0; place < bytes.length - 1; place += 1) {
      const { reading: found, heard } = readAnswer(cutAt(bytes, [place]), method)
      if (found !== 'surplus' || heard.body !== body) t.fail(`cut at ${place} of ${text}`)
    }
    const late = readAnswer(cutAt(bytes, [bytes.length - 1]), method)
    t.match({ reading: late.reading, pieces: late.pieces }, { reading: 'complete', pieces: 1 })
  }
})

t.test('only an answer that ends with its connection is complete at its end', async (t) => {
  for (const { text, method, reading } of samples) {
    if (reading !== 'more') continue
    const { reader } = readAnswer([Buffer.from(text, 'latin1')], method)
    t.equal(reader.end(), text.includes('\r\n\r\n') && !/content-length|chunked/i.test(text), text)
  }
  t.equal(new AnswerReader('GET', deaf).end(), false, 'nothing has come')
  const { reader } = readAnswer([Buffer.from(`${ok}X: y\r`)])
  t.equal(reader.end(), false, 'a head that is not complete')
})

/** What the handler hears of one read after the other; in brackets what is left for the end. */
function tell(pieces: readonly string[]): readonly string[] {
  const told: string[] = []
  const reader = new AnswerReader('GET', {
    ...deaf,
    onHead: (status) => told.push(String(status)),
    onData: (chunk) => told.push(chunk.toString()),
  })
  for (const piece of pieces) {
    const reading = reader.read(Buffer.from(piece))
    const last = reader.last === null ? '' : ` [${reader.last.toString()}]`
    told.push(`${nameOf({ reading } as Read)}${last}`)
  }
  return told
}

t.test('the last bytes are left for the end where they come together with it', async (t) => {
  const head = `${ok}Content-Length: 4\r\n\r\n`
  t.strictSame(tell([`${head}last`]), ['200', 'complete [last]'])
  t.strictSame(tell([head, 'last']), ['200', 'more', 'complete [last]'])
  t.strictSame(tell([`${head}la`, 'st']), ['200', 'la', 'more', 'complete [st]'])
  t.strictSame(tell([`${head}lastX`]), ['200', 'surplus [last]'])
  t.strictSame(tell([`${chunked}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`]), ['200', 'a', 'complete [b]'])
  t.strictSame(tell([`${chunked}1\r\na\r\n`, '1\r\nb\r\n', '0\r\n\r\n']), [
    ...['200', 'a', 'more'],
    ...['b', 'more'],
    'complete',
  ])
  t.strictSame(tell([`${chunked}2\r\na`, 'b\r\n0\r\n\r\n']), ['200', 'a', 'more', 'complete [b]'])
  t.strictSame(tell([`${chunked}1\r\na\r\n0\r\n\r`, '\n']), ['200', 'a', 'more', 'complete'])
  t.strictSame(tell([`${ok}\r\na`, 'b']), ['200', 'a', 'more', 'b', 'more'])
  t.strictSame(tell([`${ok}Content-Length: 0\r\n\r\n`]), ['200', 'complete'])
})

t.test('it is known whether the head is alone', async (t) => {
  const aloneAfter = (...pieces: readonly string[]): boolean => {
    const { reader } = readAnswer(pieces.map((piece) => Buffer.from(piece)))
    return reader.isAlone
  }
  t.equal(aloneAfter(ok), false, 'it is not there')
  t.equal(aloneAfter(`${ok}\r\n`), true)
  t.equal(aloneAfter(`${ok}\r\n`, 'x'), false)
  t.equal(aloneAfter(`${ok}\r\nx`), false)
  t.equal(aloneAfter(chunked, '2\r\n'), true, 'a size is not yet a body')
  t.equal(aloneAfter(chunked, '2\r\nx'), false)
  t.equal(aloneAfter('HTTP/1.1 103 Early Hints\r\n\r\n'), false)
})
