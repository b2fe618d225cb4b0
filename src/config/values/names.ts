import type { Parsed } from './parsed.ts'

/** Reads the name of a route or of an upstream. */
export function parseName(text: string): Parsed<string> {
  return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text)
    ? { value: text }
    : { problem: 'a name holds lower-case letters, digits, "-" and "_" (at most 64)' }
}

/** Reads the name of a cookie: a token (RFC 6265 §4.1.1). */
export function parseCookieName(text: string): Parsed<string> {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(text)
    ? { value: text }
    : { problem: 'expected the name of a cookie, such as __Secure-better-auth.session_token' }
}

/** Reads what people call the application: one line that a page can show. */
export function parseTitle(text: string): Parsed<string> {
  const value = text.trim()
  const isShown = value !== '' && value.length <= 60 && value.isWellFormed()
  return isShown && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)
    ? { value }
    : { problem: 'expected a name in one line, of at most 60 characters' }
}

/** Reads a secret that is sent in a header: visible ASCII, as RFC 6750 §2.1 has it and a little more. Empty: there is none. */
export function parseToken(text: string): Parsed<string | null> {
  if (text === '') return { value: null }
  return /^[\x21-\x7e]+$/.test(text)
    ? { value: text }
    : {
        problem:
          'a token holds visible ASCII characters and no spaces: run `sallyport init` for one',
      }
}
