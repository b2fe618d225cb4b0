import type { Parsed } from './parsed.ts'

/** Reads a role as Better Auth writes it: several are kept in one text, separated by commas. */
export function parseRole(text: string): Parsed<string> {
  if (text.includes(',')) return { problem: 'a role holds no comma: write several as a list' }
  return text !== '' && text === text.trim()
    ? { value: text }
    : { problem: 'a role is a text without spaces at its ends' }
}

/** Reads a scope: one token of RFC 6749 §3.3. */
export function parseScope(text: string): Parsed<string> {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)
    ? { value: text }
    : { problem: 'a scope such as items:write holds visible ASCII characters but " and \\' }
}

/** Reads the name of a path parameter, without its braces. */
export function parseParameterName(text: string): Parsed<string> {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
    ? { value: text }
    : { problem: 'expected the name of a parameter of the path, without braces, such as user_id' }
}
