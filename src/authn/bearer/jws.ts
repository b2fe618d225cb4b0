/** A compact JWS taken apart. Nothing in it has been verified. */
export interface Jws {
  readonly algorithm: string
  /** Lower case, without `application/` before it (RFC 7515 §4.1.9); `jwt` where the token does not say. */
  readonly type: string
  /** null: the token names no key. */
  readonly keyId: string | null
  /** What was signed: the header and the payload as they came. */
  readonly input: string
  readonly payload: string
  readonly signature: string
}

const maxTokenLength = 8192
const maxKeyIdLength = 256
const base64url = /^[A-Za-z0-9_-]+$/

/**
 * Takes a compact JWS apart (RFC 7515 §5.2). Null for anything else: `crit` extensions (§4.1.11), segments that are not
 * canonical base64url, a header that is no JSON object, an encrypted token, which has five segments (RFC 7516 §7.1).
 *
 * Keys that a token brings along or points at (`jwk`, `jku`, `x5c`, `x5u`) are not looked at: whoever makes a token may not
 * choose what verifies it (RFC 8725 §3.10). Not checked: the algorithm, the signature, the payload.
 */
export function splitJws(token: string): Jws | null {
  if (token.length > maxTokenLength) return null
  const segments = token.split('.')
  const [header, payload, signature] = segments
  if (segments.length !== 3 || !header || !payload || !signature) return null
  if (decode(signature) === null) return null
  const parameters = readObject(header)
  if (parameters === null || 'crit' in parameters) return null
  const { alg: algorithm, typ, kid } = parameters
  const type = typ ?? 'jwt'
  if (typeof algorithm !== 'string' || typeof type !== 'string') return null
  const namesKey = typeof kid === 'string' && kid !== '' && kid.length <= maxKeyIdLength
  return {
    algorithm,
    type: type.toLowerCase().replace(/^application\//, ''),
    keyId: namesKey ? kid : null,
    input: token.slice(0, token.lastIndexOf('.')),
    payload,
    signature,
  }
}

/** The JSON object in a segment; null where it is not canonical base64url of UTF-8 of one. */
export function readObject(segment: string): Readonly<Record<string, unknown>> | null {
  const bytes = decode(segment)
  if (bytes === null) return null
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** A segment has one spelling: the same bytes written differently would be another token to whoever compares. */
function decode(segment: string): Buffer | null {
  if (!base64url.test(segment)) return null
  const bytes = Buffer.from(segment, 'base64url')
  return bytes.toString('base64url') === segment ? bytes : null
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
