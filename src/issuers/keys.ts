import { compactVerify, errors, importJWK, type CryptoKey, type JWK } from 'jose'
import type { IssuerKey } from '../authn/bearer/issuers.ts'
import type { SignatureAlgorithm } from '../config/types.ts'

/** The public keys of a set by id and algorithm. */
export type KeysById = ReadonlyMap<string, IssuerKey>

const maxKeys = 100
const maxKeyIdLength = 256

/** Which keys an algorithm is of: RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2. */
const family: Readonly<Record<SignatureAlgorithm, string>> = {
  EdDSA: 'OKP/Ed25519',
  Ed25519: 'OKP/Ed25519',
  ES256: 'EC/P-256',
  ES384: 'EC/P-384',
  ES512: 'EC/P-521',
  RS256: 'RSA',
  RS384: 'RSA',
  RS512: 'RSA',
  PS256: 'RSA',
  PS384: 'RSA',
  PS512: 'RSA',
}

/** How a key is found: by what a token says of it. */
export function keyName(keyId: string, algorithm: string): string {
  return `${algorithm} ${keyId}`
}

/**
 * Reads a JWK set (RFC 7517 §5). Keys that cannot verify signatures by one of these algorithms are passed over: symmetric ones,
 * those without an id, those for something else (§4.2–4.4). Of two with the same id and algorithm the first counts. A key that was there
 * before keeps its object. Throws an `Error` of one sentence when it is no set, or one of more than 100 keys.
 *
 * A key that cannot be imported is found out, and refused, when something is to be verified with it.
 */
export function readKeys(
  set: unknown,
  algorithms: readonly SignatureAlgorithm[],
  before: KeySetContent | null,
): KeySetContent {
  const listed = (set as { readonly keys?: unknown } | null)?.keys
  if (!Array.isArray(listed)) throw new Error('the answer of the issuer is no set of keys')
  if (listed.length > maxKeys) throw new Error(`the issuer has more than ${String(maxKeys)} keys`)
  const keys = new Map<string, IssuerKey>()
  const texts = new Map<string, string>()
  for (const jwk of listed as readonly unknown[]) {
    if (!isSigningKey(jwk)) continue
    for (const algorithm of algorithms) {
      const name = keyName(jwk.kid, algorithm)
      if (keys.has(name) || !fits(jwk, algorithm)) continue
      const text = JSON.stringify(publicPart(jwk))
      const known = before?.texts.get(name) === text ? before.keys.get(name) : undefined
      keys.set(name, known ?? createKey(publicPart(jwk), algorithm))
      texts.set(name, text)
    }
  }
  return { keys, texts }
}

export interface KeySetContent {
  readonly keys: KeysById
  /** The keys as texts, to tell whether one has changed. */
  readonly texts: ReadonlyMap<string, string>
}

interface SigningKey {
  readonly kid: string
  readonly kty: string
  readonly crv?: unknown
  readonly alg?: unknown
  readonly [member: string]: unknown
}

function isSigningKey(value: unknown): value is SigningKey {
  if (typeof value !== 'object' || value === null) return false
  const { kid, kty, use, key_ops: operations } = value as Readonly<Record<string, unknown>>
  const isNamed = typeof kid === 'string' && kid !== '' && kid.length <= maxKeyIdLength
  if (!isNamed || typeof kty !== 'string') return false
  const mayVerify = !Array.isArray(operations) || operations.includes('verify')
  return mayVerify && (use === undefined || use === 'sig')
}

function fits({ kty, crv, alg }: SigningKey, algorithm: SignatureAlgorithm): boolean {
  if (alg !== undefined && alg !== algorithm) return false
  return (kty === 'RSA' ? kty : `${kty}/${String(crv)}`) === family[algorithm]
}

/** An issuer that shows its private keys by mistake does not get them into this process. */
function publicPart({ kty, crv, x, y, n, e }: SigningKey): JWK {
  return { kty, crv, x, y, n, e } as JWK
}

/** Rejects with what jose says, if that is no verdict on the signature. */
function createKey(jwk: JWK, algorithm: SignatureAlgorithm): IssuerKey {
  let imported: Promise<CryptoKey | null> | null = null
  const importOnce = (): Promise<CryptoKey | null> =>
    importJWK(jwk, algorithm).then(
      (key) => key as CryptoKey,
      () => null,
    )
  return {
    async verify(token) {
      const key = await (imported ??= importOnce())
      if (key === null) return false
      try {
        await compactVerify(token, key, { algorithms: [algorithm] })
        return true
      } catch (error) {
        // A short RSA key is a TypeError, and no better than none.
        if (error instanceof errors.JOSEError || error instanceof TypeError) return false
        throw error
      }
    },
  }
}
