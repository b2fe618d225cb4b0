import type { PathEscape } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'

/** A request target that has exactly one meaning: what is decided about it holds for the bytes that are forwarded. */
export interface CanonicalTarget {
  /** Path and query as received; this very string is forwarded. */
  readonly target: string
  /** The path decoded once, as Starlette sees it; the only string that patterns are compared with. */
  readonly path: string
  /** Escapes that only some routes accept; the chosen route must allow each of them. */
  readonly escapes: readonly PathEscape[]
}

const maxTargetLength = 8192

// Visible ASCII without the five characters that need a second look: % ; \ # and ?
const plainPath = /^\/[!"$&-:<->@-[\]-~]*$/
const notVisible = /[^\x21-\x7e]/

/**
 * Reads an origin-form target (RFC 9112 §3.2.1) and refuses every spelling that a server behind us could read
 * differently, rather than repairing it: dot segments, `//`, `\`, `#`, encoded separators, encoded unreserved
 * characters (RFC 3986 §2.3), control characters and invalid UTF-8. `%2F`, `%25` and `;` are reported in `escapes`
 * for the route to decide. The query is not interpreted.
 */
export function readTarget(target: string): CanonicalTarget | Refusal {
  if (target.length > maxTargetLength) return refuse('uri_too_long')
  const mark = target.indexOf('?')
  const raw = mark === -1 ? target : target.slice(0, mark)
  if (!raw.startsWith('/')) return notCanonical('The request target must be a path.')
  if (mark !== -1 && notVisible.test(target)) {
    return notCanonical('The query holds a control character or a space.')
  }
  if (target.includes('#')) return notCanonical('A fragment does not belong into a request.')
  if (plainPath.test(raw)) {
    return hasDotOrEmptySegment(raw)
      ? notCanonical('The path holds an empty segment or a dot segment.')
      : { target, path: raw, escapes: [] }
  }
  return readEscapedPath(target, raw)
}

function readEscapedPath(target: string, raw: string): CanonicalTarget | Refusal {
  if (raw.includes('\\')) return notCanonical('The path holds a backslash.')

  if (/[^\x21-\x7e]/.test(raw))
    return notCanonical('The path holds a character that must be encoded.')
  const escapes = new Set<PathEscape>()
  for (let index = raw.indexOf('%'); index !== -1; index = raw.indexOf('%', index + 3)) {
    const reason = judgeEscape(raw.slice(index + 1, index + 3), escapes)
    if (reason !== null) return notCanonical(reason)
  }
  if (raw.includes(';')) escapes.add(';')
  const path = decodeOnce(raw)
  if (path === null) return notCanonical('The path is not valid UTF-8.')
  // With `;` a segment `..;x` is a dot segment to servers that cut parameters off.
  const withoutParameters = path.replaceAll(/;[^/]*/g, '')
  if (hasDotOrEmptySegment(path) || hasDotOrEmptySegment(withoutParameters)) {
    return notCanonical('The path holds an empty segment or a dot segment.')
  }
  return { target, path, escapes: [...escapes] }
}

/** Says what is wrong with one percent-escape, or null; notes those that a route may allow. */
function judgeEscape(hex: string, escapes: Set<PathEscape>): string | null {
  if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return 'The path holds a broken percent-escape.'
  const byte = Number.parseInt(hex, 16)
  if (byte === 0x2f) escapes.add('%2F')
  else if (byte === 0x25) escapes.add('%25')
  else if (byte === 0x3b) escapes.add(';')
  else if (byte < 0x20 || byte === 0x7f) return 'The path holds an encoded control character.'
  else if (byte === 0x5c) return 'The path holds an encoded backslash.'
  else if (/[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))) {
    return 'The path encodes a character that needs no encoding.'
  }
  return null
}

function decodeOnce(raw: string): string | null {
  try {
    return decodeURIComponent(raw)
  } catch {
    return null
  }
}

function hasDotOrEmptySegment(path: string): boolean {
  if (path.includes('//')) return true
  if (!path.includes('/.')) return false
  return path.split('/').some((segment) => segment === '.' || segment === '..')
}

function notCanonical(detail: string): Refusal {
  return refuse('path_not_canonical', { detail })
}

/**
 * Turns an absolute-form target (RFC 9112 §3.2.2) whose authority is the request's own Host into origin-form. Any other
 * target is returned as it is, for `readTarget` to refuse.
 */
export function toOriginForm(target: string, host: string | undefined): string {
  if (target.startsWith('/') || host === undefined) return target
  const match = /^https?:\/\/([^/?#]+)(\/.*)?$/i.exec(target)
  if (match?.[1]?.toLowerCase() !== host.toLowerCase()) return target
  return match[2] ?? '/'
}
