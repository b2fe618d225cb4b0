import type { UpstreamRequest } from '../port.ts'

/** RFC 9110 §5.5: visible ASCII, blanks, and opaque bytes. Anything higher would lose its high byte and could become a line end. */
const unwritable = /[^\t\x20-\x7e\x80-\xff]/
const unwritableInTarget = /[^\x21-\x7e\x80-\xff]/

/** RFC 9110 §8.6: where a method anticipates content, that there is none is said. */
const anticipatesContent = new Set(['POST', 'PUT', 'PATCH'])

/**
 * The head of a request as latin1 text (RFC 9112 §2.1), or null where a value cannot be written without becoming something else, or
 * where a body does not have exactly one framing (§6.3).
 * Writes the headers as they are and adds only what frames the message. Not checked: the method and the names of headers, which come
 * from Node's parser and from the configuration and are tokens there already.
 *
 * @param closes whether the connection is to be closed after the answer
 */
export function writeRequestHead(
  { method, path, headers, body }: UpstreamRequest,
  closes: boolean,
): string | null {
  if (unwritableInTarget.test(path)) return null
  let head = `${method} ${path} HTTP/1.1\r\n`
  let isMeasured = false
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (unwritable.test(value)) return null
    if (name === 'content-length') isMeasured = true
    head += `${name}: ${value}\r\n`
  }
  // A body that is framed in no way, or in two, would be the next request to somebody.
  if (body !== null && body.chunked === isMeasured) return null
  if (body?.chunked === true) head += 'transfer-encoding: chunked\r\n'
  else if (body === null && !isMeasured && anticipatesContent.has(method)) {
    head += 'content-length: 0\r\n'
  }
  return closes ? `${head}connection: close\r\n\r\n` : `${head}\r\n`
}
