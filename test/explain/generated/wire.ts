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

export function toBytes({ method, target, headers, body }: Question): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${target} HTTP/1.1`, ...lines, '', body].join('\r\n')
}

export function readAnswer(bytes: string): WireAnswer {
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

/** The same with the id of the request as the explanation has it. */
export function withId(answer: WireAnswer, requestId: string): WireAnswer {
  const given = answer.headers.find(([name]) => name === 'x-request-id')?.[1] ?? requestId
  return {
    ...answer,
    headers: answer.headers.map(([name, value]) => [name, value.replaceAll(given, requestId)]),
    body: answer.body.replaceAll(given, requestId),
  }
}
