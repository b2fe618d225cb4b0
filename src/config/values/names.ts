import type { Parsed } from './parsed.ts'

/** Reads the name of a route or of an upstream. */
export function parseName(text: string): Parsed<string> {
  return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text)
    ? { value: text }
    : { problem: 'a name holds lower-case letters, digits, "-" and "_" (at most 64)' }
}

// Headers that mean something to the connection, to the request or to us; identity cannot travel in them.
const takenHeaders = new Set([
  'accept',
  'authorization',
  'connection',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'referer',
  'set-cookie',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-api-key',
  'x-real-ip',
  'x-request-id',
])
const takenPrefixes = /^(?:accept|access-control|content|if|sec|x-forwarded)-/

/** Says what is wrong with the name of an identity header, or null. Names are tokens (RFC 9110 §5.1). */
export function judgeIdentityHeader(name: string): string | null {
  if (/[_.]/.test(name)) return 'write "-" instead of "_" and ".": servers confuse them'
  if (!/^[A-Za-z0-9!#$%&'*+^`|~-]{1,64}$/.test(name)) return 'not a valid header name'
  const lower = name.toLowerCase()
  return takenHeaders.has(lower) || takenPrefixes.test(lower)
    ? 'this header has another meaning and cannot carry identity'
    : null
}

const takenClaims = ['sub', 'iat', 'exp', 'nbf', 'iss', 'aud', 'sid', 'typ', 'jti', 'act']

/** Says what is wrong with the name of an additional claim, or null. */
export function judgeClaim(name: string): string | null {
  if (takenClaims.includes(name)) return 'this claim is written by the gateway'
  return /^[\x21-\x7e]{1,128}$/.test(name) ? null : 'a claim name holds visible ASCII characters'
}
