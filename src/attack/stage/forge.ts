import { createHmac, randomBytes } from 'node:crypto'
import type { BearerConfig, GatewayConfig } from '../../config/types.ts'
import type { Masks } from './masks.ts'
import type { StagedIssuer } from './issuers.ts'

/** Who forged credentials claim to be. */
export const mallory = 'mallory'

export interface TokenParts {
  /** Members of the header besides `typ`; undefined takes one away. */
  readonly header?: Readonly<Record<string, unknown>>
  /** The same for the claims. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Default: the configuration's own. */
  readonly secret?: string
  readonly hash?: 'sha256' | 'sha384' | 'sha512'
  /** Replaces the signature. */
  readonly signature?: string
}

/** Makes credentials, most of them bad. All that it makes is masked. */
export interface Forge {
  /** Whether the secrets of the configuration may be used. */
  readonly knowsSecrets: boolean
  /** A token that would be good, but for its parts; `label` is how it is told: `token: alg none`. */
  readonly token: (label: string, parts?: TokenParts) => string
  /** A cookie value, percent-encoded, signed with Better Auth's secret unless another is given. */
  readonly cookie: (label: string, token: string, secret?: string) => string
  /** Better Auth's secret, or null where it is not known. */
  readonly authSecret: string | null
  readonly issuers: readonly StagedIssuer[]
  readonly masks: Masks
  /** Seconds since the epoch. */
  readonly now: number
}

export interface ForgeParts {
  readonly masks: Masks
  readonly issuers: readonly StagedIssuer[]
  readonly knowsSecrets: boolean
  readonly nowMs: number
}

/** A secret that nobody has. */
export function strangersSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function createForge({ bearer, auth }: GatewayConfig, parts: ForgeParts): Forge {
  const { masks, issuers, knowsSecrets, nowMs } = parts
  const now = Math.floor(nowMs / 1000)
  const own = knowsSecrets ? (bearer.secrets[0] ?? strangersSecret()) : strangersSecret()
  const authSecret = knowsSecrets ? (auth.secrets[0] ?? null) : null
  return {
    knowsSecrets,
    masks,
    issuers,
    now,
    authSecret,
    token: (label, { header, claims, secret = own, hash = 'sha256', signature } = {}) => {
      const input = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode({ ...goodClaims(bearer, now), ...claims })}`
      const mac = signature ?? createHmac(hash, secret).update(input).digest('base64url')
      return masks.name(`${input}.${mac}`, label)
    },
    cookie: (label, token, secret = authSecret ?? strangersSecret()) => {
      const mac = createHmac('sha256', secret).update(token).digest('base64')
      return masks.name(encodeURIComponent(`${token}.${mac}`), label)
    },
  }
}

/** What a token of mallory's must say to be believed. */
function goodClaims(bearer: BearerConfig, now: number): Record<string, unknown> {
  const { issuer, audience, userClaim } = bearer
  return {
    iat: now,
    exp: now + 60,
    ...(issuer === null ? {} : { iss: issuer }),
    ...(audience === null ? {} : { aud: audience }),
    sub: mallory,
    [userClaim]: mallory,
  }
}

/** A segment of a compact JWS (RFC 7515 §3.1). */
export function encode(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}
