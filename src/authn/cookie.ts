import { refuse, type Refusal } from '../errors/refusal.ts'
import { rememberLast } from '../memo.ts'
import { absent, authenticated, rejected, type Outcome } from './outcome.ts'
import type { Session } from './principal.ts'
import type { SessionProof, Sessions } from './sessions.ts'

export interface CookieDeps {
  /** The one name that is read; other variants of it are neither read nor forwarded. */
  readonly cookieName: string
  readonly sessions: Sessions
  /** HMAC-SHA256 of the token under Better Auth's secret, in standard base64, compared in constant time. Always true where a remote Better Auth keeps its secret to itself: it decides. */
  readonly verifySignature: (token: string, signature: string) => boolean
  readonly digest: (text: string) => string
}

/** What a `Cookie` header presents; null where it holds no session cookie. */
type Presented = { readonly value: string; readonly key: string; readonly repeated: boolean } | null

/** Reads session cookies; `connection` is where the header came from, `address` the client's. */
export type CookieReader = (
  header: string | null,
  connection: object,
  address?: string,
) => Outcome | Promise<Outcome>

const signatureLength = 44

/** The values of every cookie of this name, byte for byte (RFC 6265 §5.4; names are case-sensitive). */
export function readCookieValues(header: string, name: string): readonly string[] {
  // Most requests carry the name once or not at all; splitting the whole header would be wasted on them.
  if (!header.includes(name)) return []
  const values: string[] = []
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === name)
      values.push(pair.slice(equals + 1).trim())
  }
  return values
}

/**
 * Makes the reader of the Better Auth session cookie. The signature is checked in process before anything is looked up, so
 * that a forgery costs no I/O; a value whose digest is cached was checked when it entered the cache.
 *
 * Refusals: `session_invalid` (repeated, malformed or forged), `session_revoked`, `session_expired`,
 * `session_store_unavailable`.
 */
export function createCookieReader(deps: CookieDeps): CookieReader {
  const present = rememberLast((header) => presentedBy(header, deps))
  return (header, connection, address = '') => {
    if (header === null) return absent
    const presented = present(connection, header)
    if (presented === null) return absent
    const { value, key, repeated } = presented
    if (repeated) return dead('session_invalid', 'The session cookie was sent more than once.')
    const cached = deps.sessions.peek(key)
    if (cached) return live(cached)
    const token = readSignedToken(value, deps.verifySignature)
    if (token === null) return dead('session_invalid')
    return cached === null ? ended(token, deps) : find(key, token, { cookie: value, address }, deps)
  }
}

function presentedBy(header: string, deps: CookieDeps): Presented {
  const [value, ...more] = readCookieValues(header, deps.cookieName)
  if (value === undefined) return null
  return { value, key: deps.digest(value), repeated: more.length > 0 }
}

async function find(
  key: string,
  token: string,
  proof: SessionProof,
  deps: CookieDeps,
): Promise<Outcome> {
  try {
    const session = await deps.sessions.findByToken(key, token, proof)
    return session === null ? ended(token, deps) : live(session)
  } catch {
    return rejected(refuse('session_store_unavailable'))
  }
}

function live(session: Session): Outcome {
  return authenticated({ kind: 'session', via: 'cookie', userId: session.user.id, session })
}

function ended(token: string, deps: CookieDeps): Outcome {
  return dead(deps.sessions.wasRevoked(deps.digest(token)) ? 'session_revoked' : 'session_expired')
}

function dead(
  code: 'session_invalid' | 'session_revoked' | 'session_expired',
  detail?: string,
): Outcome {
  const refusal: Refusal = refuse(code, { clearCookies: true, ...(detail ? { detail } : {}) })
  return rejected(refusal)
}

/** `token.signature`, percent-encoded: returns the token when its signature holds, else null. */
export function readSignedToken(
  value: string,
  verifySignature: CookieDeps['verifySignature'],
): string | null {
  const decoded = decode(value)
  const dot = decoded.lastIndexOf('.')
  const token = decoded.slice(0, Math.max(dot, 0))
  const signature = decoded.slice(dot + 1)
  if (!/^[\x21-\x7e]{16,256}$/.test(token) || signature.length !== signatureLength) return null
  return verifySignature(token, signature) ? token : null
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}
