import { createIssuedTokenVerifier, type Issuer } from '../../../src/authn/bearer/issuers.ts'
import type { SignatureAlgorithm } from '../../../src/config/types.ts'
import { digest } from '../../../src/crypto/hs256.ts'
import { KeySet } from '../../../src/issuers/key-set.ts'
import { createLogger } from '../../../src/ops/log.ts'
import { makeKeyPair, signWith, type KeyPair, type SignOptions } from '../../helper/issuer.ts'
import { codeOf, deps } from '../reading.ts'

/** Somebody who signs tokens, with what the gateway knows of them. */
export interface Signer {
  readonly name: { readonly issuer: string; readonly audience: string }
  readonly key: KeyPair
  /** What is published; may be changed. */
  readonly published: unknown[]
  readonly issuer: Issuer
  readonly sign: (options?: SignOptions) => Promise<string>
}

export interface SignerOptions {
  readonly algorithms?: readonly SignatureAlgorithm[]
  readonly sessions?: boolean
  readonly rules?: Partial<Issuer['rules']>
  readonly monotonic?: () => number
}

export async function createSigner(
  issuer = 'https://a.test',
  options: SignerOptions = {},
): Promise<Signer> {
  const algorithms = options.algorithms ?? ['EdDSA']
  const name = { issuer, audience: 'api' }
  const key = await makeKeyPair('key-1', algorithms[0])
  const published: unknown[] = [key.jwk]
  const keys = new KeySet({
    issuer: { url: 'https://keys.test', algorithms },
    fetch: () => Promise.resolve({ keys: [...published] }),
    clock: { monotonic: options.monotonic ?? (() => performance.now()) },
    logger: createLogger('silent'),
  })
  const rules = { ...deps().rules, ...name, ...options.rules }
  return {
    name,
    key,
    published,
    issuer: { rules, algorithms, keys, sessions: options.sessions ?? false },
    sign: (signing) => signWith(key, name, signing),
  }
}

/** What a reader says to a token that believes these signers, and the shared secret. */
export async function codeWith(signers: readonly Signer[], token: string): Promise<string> {
  return codeOf(token, depsWith(signers))
}

export function depsWith(signers: readonly Signer[]): ReturnType<typeof deps> {
  const issuers = signers.map(({ issuer }) => issuer)
  return deps({ verifyIssued: createIssuedTokenVerifier({ issuers, digest }) })
}
