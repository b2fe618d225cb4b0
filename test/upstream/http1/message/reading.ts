import { AnswerReader, type Reading } from '../../../../src/upstream/http1/message/answer-reader.ts'
import type { BodyReader } from '../../../../src/upstream/http1/message/bodies.ts'
import type { AnswerHandler } from '../../../../src/upstream/http1/port.ts'

/** One memory for everything that is read, as sockets have it: what is kept of it without a copy turns into `!`. */
export function overwriting(pieces: readonly Buffer[], read: (bytes: Buffer) => boolean): void {
  const memory = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)))
  for (const piece of pieces) {
    piece.copy(memory)
    const isDone = read(memory.subarray(0, piece.length))
    memory.fill('!')
    if (isDone) return
  }
}

/** Cuts bytes before each of these places. */
export function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...places, bytes.length]
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

export function byteByByte(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1))
}

export interface ReadBody {
  /** `left`: so many bytes are behind the body. */
  readonly result: 'more' | 'broken' | { readonly left: number }
  readonly body: string
}

/** Reads pieces to the end of the body, and what is behind it as one that reads on would find it. */
export function readBody(reader: BodyReader, pieces: readonly Buffer[]): ReadBody {
  let body = ''
  let result: ReadBody['result'] = 'more'
  let consumed = 0
  const total = pieces.reduce((sum, { length }) => sum + length, 0)
  overwriting(pieces, (bytes) => {
    const read = reader.read(bytes, 0, (piece) => (body += piece.toString('latin1')))
    consumed += read
    if (read === -1) result = 'broken'
    else if (reader.isOver) result = { left: total - consumed }
    else if (read !== bytes.length) throw new Error('it has not read all, and wants more')
    return result !== 'more'
  })
  return { result, body }
}

export interface Read {
  readonly reading: Reading
  /** `head`, then the body as one text. */
  readonly heard: { status: number | null; headers: readonly string[]; body: string }
  /** How many pieces were read. */
  readonly pieces: number
  readonly reader: AnswerReader
}

/** Reads an answer until it is complete or none, and takes its last bytes as its connection would. */
export function readAnswer(pieces: readonly Buffer[], method = 'GET'): Read {
  const heard: Read['heard'] = { status: null, headers: [], body: '' }
  const reader = new AnswerReader(method, {
    ...deaf,
    onHead: (status, headers) => {
      if (heard.status !== null) throw new Error('a second head')
      heard.status = status
      heard.headers = headers
    },
    onData: (chunk) => {
      if (heard.status === null) throw new Error('data before the head')
      if (chunk.length === 0) throw new Error('data that is none')
      heard.body += chunk.toString('latin1')
    },
  })
  let reading: Reading = 'more'
  let count = 0
  overwriting(pieces, (bytes) => {
    reading = reader.read(bytes)
    count += 1
    if (reading === 'complete' || reading === 'surplus') {
      heard.body += reader.last?.toString('latin1') ?? ''
    } else if (reading === 'more' && reader.last !== null) throw new Error('bytes are held back')
    return reading !== 'more'
  })
  return { reading, heard, pieces: count, reader }
}

/** Of the end, the reader tells nobody. */
export const deaf: AnswerHandler = {
  onHead: () => undefined,
  onQuiet: () => {
    throw new Error('a reader has no clock')
  },
  onData: () => undefined,
  onEnd: () => {
    throw new Error('the end is told by the connection')
  },
  onError: () => {
    throw new Error('errors are told by the connection')
  },
}
