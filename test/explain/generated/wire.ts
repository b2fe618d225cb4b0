import { once } from 'node:events'
import { connect } from 'node:net'
import type { HeaderLine } from '../../../src/explain/explanation.ts'
import type { Question } from './questions.ts'

/** An answer off the wire. */
export interface WireAnswer {
  readonly status: number
  /** Names in lower case, without what belongs to the connection. */
  readonly headers: readonly HeaderLine[]
  readonly body: string
}

const ofConnection = ['connection', 'keep-alive', 'date', 'content-length', 'transfer-encoding']

function toBytes({ method, target, headers, body }: Question): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${target} HTTP/1.1`, ...lines, '', body].join('\r\n')
}

function readAnswer(bytes: string): WireAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.slice(0, end).split('\r\n')
  const headers = lines.map((line): HeaderLine => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)]
  })
  return {
    status: Number(first.split(' ')[1]),
    headers: headers.filter(([name]) => !ofConnection.includes(name)),
    body: bytes.slice(end + 4),
  }
}

/** Sends a request and resolves with all that came back; who was let in as a WebSocket leaves when the first frame is there. */
export async function ask(url: string, question: Question): Promise<WireAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (/^HTTP\/1\.1 101 [^]*?\r\n\r\n[^]/.test(text)) socket.end()
  })
  socket.write(toBytes(question), 'latin1')
  await once(socket, 'close')
  return readAnswer(text)
}

/** What a close frame says (RFC 6455 §5.5.1), where a WebSocket begins with one; else null. */
export function closeIn({ status, body }: WireAnswer): unknown {
  if (status !== 101 || body.charCodeAt(0) !== 0x88) return null
  return { code: body.charCodeAt(2) * 256 + body.charCodeAt(3), reason: body.slice(4) }
}

/** The same with the id of the request as the explanation has it. */
export function withId(answer: WireAnswer, requestId: string): WireAnswer {
  const given = answer.headers.find(([name]) => name === 'x-request-id')?.[1] ?? requestId
  return {
    ...answer,
    headers: answer.headers.map(([name, value]) => [name, value.replaceAll(given, requestId)]),
    body: answer.body.replaceAll(given, requestId),
  }
}
