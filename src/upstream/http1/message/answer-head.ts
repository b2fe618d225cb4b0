/** The head of an answer, read strictly: where two readers could differ, there is none. */
export interface AnswerHead {
  readonly status: number
  /** Flat, names lower case, values as latin1 without the blanks around them. */
  readonly headers: readonly string[]
  /** How the end of the body is told (RFC 9112 §6.3): by its length in bytes, by chunks, or by the end of the connection. */
  readonly framing: number | 'chunked' | 'close'
  /** The peer closes the connection after it, or speaks a version that does. */
  readonly closes: boolean
  /** Whether another request may follow on the connection (RFC 9112 §9.3). */
  readonly persists: boolean
  /** How long the peer says it keeps an idle connection, milliseconds; null: it does not say. */
  readonly keepAliveMs: number | null
}

// RFC 9112 §4, with no blank but the one after the code, which some leave out together with the reason.
const statusLine = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/
/**
 * RFC 9112 §5, all lines at once: a token, a colon, and no control character. So there is no folded line, no blank before a colon
 * and no bare CR or LF, each of which somebody reads in another way.
 */
export const fieldLines = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/
const digits = /^[0-9]{1,15}$/

/**
 * Reads the head of an answer. The meaning of fields other than those that frame the message is not checked.
 *
 * @param text latin1, from the status line to the end of the last field line, without the empty line
 * @param method of the request: the answer to HEAD has no body
 * @returns the head, or what is wrong with it, in words for a log
 */
export function readAnswerHead(text: string, method: string): AnswerHead | string {
  const line = statusLine.exec(text)
  if (line === null) return 'the status line is none'
  const fields = text.slice(line[0].length)
  if (!fieldLines.test(fields)) return 'a header line is none'
  const status = Number(line[2])
  const isOld = line[1] === '0'
  const head = readFields(fields)
  if (head.isFaulty) return 'the length of the body is said in two ways, or in none that is known'
  if (head.isChunked && isOld) return 'a transfer coding in HTTP/1.0'
  const { headers, length, isChunked, closes, keepAliveMs } = head
  const isEmpty = method === 'HEAD' || status === 204 || status === 304
  const framing = isEmpty ? 0 : isChunked ? 'chunked' : (length ?? 'close')
  const persists = !isOld && !closes && framing !== 'close'
  return { status, headers, framing, closes: isOld || closes, persists, keepAliveMs }
}

interface Fields {
  readonly headers: string[]
  length: number | null
  isChunked: boolean
  closes: boolean
  keepAliveMs: number | null
  isFaulty: boolean
}

function readFields(text: string): Fields {
  const fields: Fields = {
    headers: [],
    length: null,
    isChunked: false,
    closes: false,
    keepAliveMs: null,
    isFaulty: false,
  }
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r\n', colon)
    const name = text.slice(at, colon).toLowerCase()
    const value = withoutBlanks(text, colon + 1, end)
    fields.headers.push(name, value)
    if (name.length >= 10 && name.length <= 17)
      readFraming(fields, name, text.slice(colon + 1, end), value)
    at = end + 2
  }
  if (fields.isChunked && fields.length !== null) fields.isFaulty = true
  return fields
}

/** RFC 9112 §6: a length or `chunked`, and each of them once. Any other coding would have to be undone. */
function readFraming(fields: Fields, name: string, raw: string, value: string): void {
  switch (name) {
    case 'content-length':
      if (fields.length !== null || !digits.test(value)) fields.isFaulty = true
      fields.length = Number(value)
      break
    case 'transfer-encoding':
      // A tab behind it is a blank to some, and to Node's parser a part of the coding.
      if (fields.isChunked || !/^[\t ]*chunked *$/i.test(raw)) fields.isFaulty = true
      fields.isChunked = true
      break
    case 'connection':
      if (/(?:^|[\t ,])close(?:$|[\t ,])/i.test(value)) fields.closes = true
      break
    case 'keep-alive': {
      const seconds = /(?:^|[\t ,])timeout=([0-9]{1,9})(?:$|[\t ,])/i.exec(value)?.[1]
      if (seconds !== undefined) fields.keepAliveMs = Number(seconds) * 1000
      break
    }
  }
}

/** Blanks and tabs only: what else `trim` takes away are bytes of the value. */
function withoutBlanks(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
