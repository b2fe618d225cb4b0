import { readBody, readMessageHead, valuesOf, type Field } from './message.ts'

/** An answer as it came. Text stands for bytes, one character each. */
export interface Answer {
  readonly status: number
  readonly fields: readonly Field[]
  readonly body: string
  /** `X-Sallyport-Code`, or null. */
  readonly code: string | null
}

/** The final answers in what came back on a connection, in their order; interim ones (RFC 9110 §15.2) are left out, a change of protocol is not. */
export function readAnswers(text: string): readonly Answer[] {
  const answers: Answer[] = []
  let rest = text
  for (;;) {
    const start = rest.search(/HTTP\/1\.[01] \d{3}/)
    const end = start === -1 ? -1 : rest.indexOf('\r\n\r\n', start)
    if (end === -1) return answers
    const { firstLine, fields } = readMessageHead(rest.slice(start, end))
    const status = Number(firstLine.split(' ')[1])
    const after = rest.slice(end + 4)
    const { body, length } = bodyOf(status, fields, after)
    if (status >= 200 || status === 101) {
      answers.push({ status, fields, body, code: codeOf(fields, status, body) })
    }
    rest = after.slice(length)
  }
}

function bodyOf(
  status: number,
  fields: readonly Field[],
  after: string,
): { readonly body: string; readonly length: number } {
  // What is said on a socket that has changed its protocol is all of this answer.
  if (status === 101) return { body: after, length: after.length }
  const hasNone = status < 200 || status === 204 || status === 304 || /^HTTP\/1\.[01] /.test(after)
  if (hasNone) return { body: '', length: 0 }
  const isMeasured = ['content-length', 'transfer-encoding'].some(
    (name) => valuesOf(fields, name).length > 0,
  )
  return isMeasured ? readBody(after, fields) : { body: after, length: after.length }
}

/** A browser is told by the close frame of a handshake that was accepted for nothing else (RFC 6455 §5.5.1): its reason is the code. */
function codeOf(fields: readonly Field[], status: number, body: string): string | null {
  if (status !== 101) return valuesOf(fields, 'x-sallyport-code')[0] ?? null
  const isClose = body.charCodeAt(0) === 0x88
  return isClose ? body.slice(4, 2 + (body.charCodeAt(1) & 0x7f)) : null
}
