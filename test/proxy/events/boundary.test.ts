import t from 'tap'
import { EventBoundary } from '../../../src/proxy/events/boundary.ts'

/** Every way to cut a text into at most three chunks. */
function* cuts(text: string): Generator<readonly Buffer[]> {
  const bytes = Buffer.from(text, 'latin1')
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 1) {
      yield [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
    }
  }
}

const mark = '\u00ef\u00bb\u00bf'

const between = {
  'nothing yet': '',
  'an event of LF lines': 'data: 1\n\n',
  'an event of CRLF lines': 'data: 1\r\n\r\n',
  'an event of CR lines': 'data: 1\r\r',
  'an LF line and an empty CRLF line': 'data: 1\n\r\n',
  'a CR line and an empty CRLF line': 'data: 1\r\r\n',
  'a CRLF line and an empty LF line': 'data: 1\r\n\n',
  'a CRLF line and an empty line whose LF may follow': 'data: 1\r\n\r',
  'more empty lines than needed': 'data: 1\n\n\n\r\n',
  'an empty line at the start': '\n',
  'an empty CRLF line at the start': '\r\n',
  'a comment': ': ping\n\n',
  'a byte order mark': mark,
  'a byte order mark and an event': `${mark}data: 1\n\n`,
  'two events': 'data: 1\n\nevent: a\ndata: 2\n\n',
}

const inside = {
  'a name': 'data',
  'a line that has not ended': 'data: 1',
  'a line': 'data: 1\n',
  'a CRLF line': 'data: 1\r\n',
  'a CR line': 'data: 1\r',
  'the beginning of the second event': 'data: 1\n\nd',
  'a line of the second event': 'data: 1\r\n\r\ndata: 2\r\n',
  'half a byte order mark': mark.slice(0, 2),
  'a byte order mark that is not the first': `d${mark}`,
  'two of them': `${mark}${mark}`,
  'a byte order mark and a line': `${mark}data: 1\r`,
}

t.test('a place between two events is known, however the bytes were cut', async (t) => {
  for (const [cases, expected] of [[between, true] as const, [inside, false] as const]) {
    for (const [what, text] of Object.entries(cases)) {
      const wrong: string[] = []
      for (const chunks of cuts(text)) {
        const boundary = new EventBoundary()
        for (const chunk of chunks) boundary.pass(chunk)
        if (boundary.isHere !== expected) wrong.push(chunks.map(String).join('|'))
      }
      t.strictSame(wrong, [], what)
    }
  }
})

t.test('long chunks are judged by their end', async (t) => {
  const boundary = new EventBoundary()
  boundary.pass(Buffer.from(`data: ${'x'.repeat(100_000)}\n\n`))
  t.ok(boundary.isHere)
  boundary.pass(Buffer.from(`data: ${'\n\n'.repeat(50)}x`))
  t.notOk(boundary.isHere)
})

t.test('the end of the event under way is found to the byte', async (t) => {
  const cases: readonly (readonly [before: string, chunk: string, length: number])[] = [
    ['data: 1\n', '\ndata: 2\n\n', 1],
    ['data: 1\n', 'data: 2\n\ndata: 3', 9],
    ['data: 1', '\r\n\r\ndata: 2', 4],
    ['data: 1', '\r\n\r', 3],
    ['data: 1\r', '\n\r\nx', 3],
    ['data: 1\r', '\rx', 1],
    ['data: 1', '\n', -1],
    ['data: 1', ' and more', -1],
    ['data: 1\r\n', 'data: 2\r\n', -1],
    ['data: 1', '', -1],
  ]
  for (const [before, chunk, length] of cases) {
    const boundary = new EventBoundary()
    boundary.pass(Buffer.from(before))
    t.equal(boundary.passEvent(Buffer.from(chunk)), length, JSON.stringify([before, chunk]))
  }
  const boundary = new EventBoundary()
  boundary.pass(Buffer.from('data: 1'))
  t.equal(boundary.passEvent(Buffer.from('\n')), -1)
  t.equal(boundary.passEvent(Buffer.from('\ndata')), 1, 'what was looked at in vain counts too')
})
