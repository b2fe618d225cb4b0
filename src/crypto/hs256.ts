import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto'

/**
 * HMAC-SHA256 under one secret. Synchronous on purpose: jose and WebCrypto run on the thread pool that password
 * hashing fills, and a verification must never wait behind a sign-in (docs/adr/0004).
 */
export interface Hs256 {
  /** The base64url signature of `input`, without padding (RFC 7515 §3.1). */
  readonly sign: (input: string) => string
  /** Compares in constant time. Only the canonical encoding of the signature is accepted. */
  readonly verify: (input: string, signature: string) => boolean
  /** Both for standard base64 with padding, which Better Auth's cookies use. */
  readonly signBase64: (input: string) => string
  readonly verifyBase64: (input: string, signature: string) => boolean
}

/**
 * Prepares a secret, as raw UTF-8 bytes, which is what PyJWT and python-jose take it for (RFC 7518 §3.2). Not checked:
 * its length and quality; the configuration has done that.
 */
export function createHs256(secret: string): Hs256 {
  const key = createSecretKey(secret, 'utf8')
  const mac = (input: string, encoding: 'base64url' | 'base64'): string =>
    createHmac('sha256', key).update(input).digest(encoding)
  return {
    sign: (input) => mac(input, 'base64url'),
    verify: (input, signature) => equals(mac(input, 'base64url'), signature),
    signBase64: (input) => mac(input, 'base64'),
    verifyBase64: (input, signature) => equals(mac(input, 'base64'), signature),
  }
}

/** SHA-256 in base64url: the form in which a credential may be a cache key. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url')
}

function equals(expected: string, given: string): boolean {
  if (expected.length !== given.length) return false
  const bytes = Buffer.from(given, 'utf8')
  return bytes.length === expected.length && timingSafeEqual(Buffer.from(expected, 'utf8'), bytes)
}
