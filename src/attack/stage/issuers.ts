import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { IssuerConfig, SignatureAlgorithm } from '../../config/types.ts'
import { encode } from './forge.ts'

/** Another issuer's place, with keys of our own. */
export interface StagedIssuer {
  readonly config: IssuerConfig
  /** As it publishes them. */
  readonly keySet: string
  /** PEM of the public key: what an attacker can have. */
  readonly publicPem: string
  readonly sign: (
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => string
  /** The same with a key that nobody publishes. */
  readonly signAsStranger: StagedIssuer['sign']
}

const keyId = 'attack-1'

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** Stands in for an issuer: its name, audience and first algorithm, and a fresh key. */
export function stageIssuer(config: IssuerConfig): StagedIssuer {
  const [algorithm = 'EdDSA'] = config.algorithms
  const pair = generate(algorithm)
  const jwk = {
    ...pair.publicKey.export({ format: 'jwk' }),
    kid: keyId,
    alg: algorithm,
    use: 'sig',
  }
  return {
    config,
    keySet: JSON.stringify({ keys: [jwk] }),
    publicPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: signer(algorithm, pair),
    signAsStranger: signer(algorithm, generate(algorithm)),
  }
}

function signer(algorithm: SignatureAlgorithm, { privateKey }: Pair): StagedIssuer['sign'] {
  const isEdwards = algorithm === 'EdDSA' || algorithm === 'Ed25519'
  const hash = isEdwards ? null : `sha${algorithm.slice(2)}`
  const padding = algorithm.startsWith('PS')
    ? { padding: 6, saltLength: Number(algorithm.slice(2)) / 8 }
    : {}
  return (claims, header = {}) => {
    const input = `${encode({ alg: algorithm, kid: keyId, typ: 'JWT', ...header })}.${encode(claims)}`
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const, ...padding }
    return `${input}.${sign(hash, Buffer.from(input), key).toString('base64url')}`
  }
}

/** RFC 7518 §3.1. */
function generate(algorithm: SignatureAlgorithm): Pair {
  switch (algorithm) {
    case 'EdDSA':
    case 'Ed25519':
      return generateKeyPairSync('ed25519')
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' })
    case 'ES512':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' })
    case 'RS256':
    case 'RS384':
    case 'RS512':
    case 'PS256':
    case 'PS384':
    case 'PS512':
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
  }
}
