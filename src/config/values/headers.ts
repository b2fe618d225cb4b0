import type { Parsed } from './parsed.ts'

// RFC 9110 §7.6.1 and RFC 9112 §6: what concerns the connection and the framing of a message.
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const gatewayHeaders = new Set(['forwarded', 'host', 'via', 'x-real-ip', 'x-request-id'])
const gatewayPrefixes = /^(?:x-forwarded|x-sallyport|sec-websocket)-/
const requestHeaders = new Set(['authorization', 'cookie', 'expect', 'x-api-key'])

export type Direction = 'request' | 'response'

/**
 * Says why a route may not set or remove a header, or null. Names are tokens (RFC 9110 §5.1).
 * @param identity the names of identity headers, lower case
 */
export function judgeHeaderChange(
  name: string,
  direction: Direction,
  identity: ReadonlySet<string>,
): string | null {
  if (direction === 'request' && /[_.]/.test(name)) {
    return 'write "-" instead of "_" and ".": servers confuse them'
  }
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(name)) return 'not a valid header name'
  const lower = name.toLowerCase()
  if (connectionHeaders.has(lower)) return 'this header belongs to the connection, not to the route'
  if (identity.has(lower)) return 'this header says who is calling: see `identity.headers`'
  if (gatewayHeaders.has(lower) || gatewayPrefixes.test(lower)) {
    return 'this header is written by the gateway'
  }
  if (direction === 'request' && requestHeaders.has(lower)) {
    return 'this header carries credentials or belongs to the client: a route cannot change it'
  }
  return direction === 'response' && lower === 'set-cookie'
    ? 'cookies are set by FastAPI and Better Auth, not by a route'
    : null
}

/** Reads the value of a header (RFC 9110 §5.5): visible ASCII, with spaces between. */
export function parseHeaderValue(text: string): Parsed<string> {
  if (text === '') return { problem: 'the value is empty: write null to remove the header' }
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)
    ? { value: text }
    : { problem: 'a header value holds visible ASCII characters and spaces between them' }
}
