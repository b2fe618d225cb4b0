import { LRUCache } from 'lru-cache'
import { atMost } from '../../memo.ts'
import type { ClaimRules } from './claims.ts'
import { readObject, splitJws, type Jws } from './jws.ts'

/** A public key of an issuer, for one algorithm. The same object stands for the same key for as long as the issuer publishes it. */
export interface IssuerKey {
  /** Whether the signature of this compact JWS is of this key, by the algorithm of this key. */
  readonly verify: (token: string) => Promise<boolean>
}

/** The keys that an issuer publishes. */
export interface IssuerKeys {
  /** undefined: not known at the moment. */
  peek(keyId: string, algorithm: string): IssuerKey | undefined
  /** null: the issuer has no such key. Rejects when that cannot be known. */
  find(keyId: string, algorithm: string): Promise<IssuerKey | null>
}

/** Somebody else whose tokens are accepted, and what of theirs is. */
export interface Issuer {
  /** With an issuer and an audience. */
  readonly rules: ClaimRules
  /** Asymmetric ones only. */
  readonly algorithms: readonly string[]
  readonly keys: IssuerKeys
  /** Their `sid` names a session of ours, and they die with it. */
  readonly sessions: boolean
}

/** A token whose signature is of a key of its issuer's. Its claims have not been judged. */
export interface IssuedToken {
  readonly issuer: Issuer
  readonly claims: Readonly<Record<string, unknown>>
}

/** null for whatever no issuer has signed; rejects when that cannot be known. */
export type IssuedTokenVerifier = (
  token: string,
) => IssuedToken | null | Promise<IssuedToken | null>

export interface IssuedTokenVerifierOptions {
  readonly issuers: readonly Issuer[]
  readonly digest: (text: string) => string
  /** Verified tokens remembered at once. */
  readonly max?: number
}

interface Known extends IssuedToken {
  readonly keyId: string
  readonly algorithm: string
  readonly key: IssuerKey
}

/**
 * What an access token may call itself (RFC 8725 §3.11; RFC 9068 §2.1). Other kinds of tokens that the same key signs are none: those of a
 * cookie cache, of a log-out, of an assertion.
 */
const accepted = new Set(['jwt', 'at+jwt'])

/**
 * Makes the verifier of tokens that other issuers signed. What a token says of its issuer only chooses which issuer's rules it is held
 * to; it is then verified with that issuer's keys, by that issuer's algorithms and nothing else (RFC 8725 §3.1, §3.8, §3.10).
 *
 * A token that was verified is known again by the digest of its bytes, until its issuer publishes another key, or none, under the id
 * that it names. Not checked: every claim but `iss`.
 */
export function createIssuedTokenVerifier({
  issuers,
  digest,
  max = 10_000,
}: IssuedTokenVerifierOptions): IssuedTokenVerifier {
  const byName = new Map(issuers.map((issuer) => [issuer.rules.issuer, issuer]))
  const verified = new LRUCache<string, Known>(atMost(max))
  return (token) => {
    const digestOfToken = digest(token)
    const known = verified.get(digestOfToken)
    if (known !== undefined && isStillPublished(known)) return known
    const candidate = toCandidate(token, byName)
    if (candidate === null) return null
    return verify(token, candidate).then((fresh) => {
      if (fresh !== null) verified.set(digestOfToken, fresh)
      return fresh
    })
  }
}

function isStillPublished({ issuer, keyId, algorithm, key }: Known): boolean {
  return issuer.keys.peek(keyId, algorithm) === key
}

type Candidate = Omit<Known, 'key'>

/** The issuer whose keys may verify it; null where there is none, which costs neither I/O nor a look at a signature. */
function toCandidate(token: string, byName: ReadonlyMap<string | null, Issuer>): Candidate | null {
  const jws = splitJws(token)
  if (jws?.keyId == null || !accepted.has(jws.type)) return null
  const claims = readObject(jws.payload)
  const issuer = claims === null ? undefined : issuerOf(claims, byName)
  if (claims === null || issuer === undefined || !mayBeOf(issuer, jws)) return null
  return { issuer, claims, keyId: jws.keyId, algorithm: jws.algorithm }
}

function issuerOf(
  claims: Readonly<Record<string, unknown>>,
  byName: ReadonlyMap<string | null, Issuer>,
): Issuer | undefined {
  const { iss } = claims
  return typeof iss === 'string' ? byName.get(iss) : undefined
}

function mayBeOf(issuer: Issuer, { algorithm }: Jws): boolean {
  return issuer.algorithms.includes(algorithm)
}

async function verify(token: string, candidate: Candidate): Promise<Known | null> {
  const { issuer, keyId, algorithm } = candidate
  const key = await issuer.keys.find(keyId, algorithm)
  if (key === null || !(await key.verify(token))) return null
  return { ...candidate, key }
}
