import type { TokenDialect, UserField } from '../types.ts'
import { suggest } from '../yaml/suggest.ts'
import type { Parsed } from './parsed.ts'

/**
 * Reads a source that Better Auth's configuration may have added: `user.` and the name of a field.
 * @param expected what is said of anything else
 * @param known what it may have been meant for
 */
export function parseAddedField(
  text: string,
  expected: string,
  known: readonly string[],
): Parsed<UserField> {
  const [, field] = /^user\.([A-Za-z][A-Za-z0-9_]{0,63})$/.exec(text) ?? []
  return field === undefined
    ? { problem: expected + suggest(text, known) }
    : { value: `user.${field}` }
}

/** Reads an authentication scheme: a token (RFC 9110 §11.1). */
export function parseScheme(text: string): Parsed<string> {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(text)
    ? { value: text }
    : { problem: 'expected the name of a scheme, such as Bearer' }
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

const registered = ['sub', 'iat', 'exp', 'nbf', 'iss', 'aud', 'sid', 'jti', 'act']

/**
 * Says what is wrong with the name of a further claim of a dialect, or null. Where another claim than `sub` holds the
 * subject, `sub` is free unless the dialect has a constant there.
 */
export function judgeClaim(name: string, dialect: TokenDialect): string | null {
  if (name === dialect.subjectClaim) return 'this claim is the subject: use `subject`'
  const isFree = name === 'sub' && !Object.hasOwn(dialect.constants, name)
  if (registered.includes(name) && !isFree) return 'this claim is written by the gateway'
  return judgeClaimName(name)
}

/** Says what is wrong with the name of the claim that holds the subject, or null. */
export function judgeSubjectClaim(name: string): string | null {
  const isTaken = name === 'scope' || (name !== 'sub' && registered.includes(name))
  return isTaken ? 'this claim has another meaning' : judgeClaimName(name)
}

function judgeClaimName(name: string): string | null {
  return /^[\x21-\x7e]{1,128}$/.test(name) ? null : 'a claim name holds visible ASCII characters'
}
