import { randomUUID } from 'node:crypto'
import { signToken } from '../../assertion/issue.ts'
import {
  clientToken,
  upstreamToken,
  type ScriptTokenOptions,
} from '../../assertion/script-token.ts'
import { clockSkewSeconds } from '../../authn/bearer/claims.ts'
import { systemClock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { createHs256 } from '../../crypto/hs256.ts'
import { StartupError } from '../../errors/startup.ts'
import { loadFor, type ConfigOption } from '../config.ts'

export interface TokenOptions extends ConfigOption {
  readonly user: string
  /** Milliseconds; left out: ten minutes, or what FastAPI's tokens have. */
  readonly ttl?: number
  readonly claim: Readonly<Record<string, unknown>>
  readonly as: 'client' | 'upstream'
}

const usualMs = 600_000

/** `sallyport token`: prints a token and nothing else on standard output. Throws a `StartupError` for one that would not be taken. */
export function runToken(options: TokenOptions): void {
  const { config } = loadFor(options)
  const { ttlMs, token } = makeToken(options, config)
  const { user } = options
  const where = options.as === 'client' ? 'at this gateway and at FastAPI' : 'at FastAPI'
  console.error(`acts as the user ${user} ${where} for ${ttlMs / 1000} s: keep it as a password`)
  if (options.as === 'client' && config.bearer.requireUser) {
    console.error('bearer.requireUser is true: there must be such a user')
  }
  console.log(token)
}

function makeToken(
  { user, ttl, claim, as }: TokenOptions,
  config: GatewayConfig,
): { readonly ttlMs: number; readonly token: string } {
  const { bearer, identity } = config
  const ttlMs = ttl ?? (as === 'upstream' ? identity.token?.ttlMs : null) ?? usualMs
  if (ttl !== undefined && ttlMs > bearer.maxLifetimeMs) {
    throw new StartupError(
      `--ttl: no token may live longer than bearer.maxLifetime (${bearer.maxLifetimeMs / 1000} s)`,
    )
  }
  const wanted: ScriptTokenOptions = {
    userId: user,
    ttlMs: Math.min(ttlMs, bearer.maxLifetimeMs),
    claims: claim,
  }
  const times = { nowMs: systemClock.now(), clockSkew: clockSkewSeconds, newId: randomUUID }
  const unsigned =
    as === 'client' ? clientToken(wanted, config, times) : upstreamToken(wanted, config, times)
  if (unsigned === null) {
    throw new StartupError('identity.token is none: FastAPI gets no token, but X-User-Id')
  }
  const { sign } = createHs256(bearer.secrets[0] ?? '')
  return { ttlMs: wanted.ttlMs, token: signToken(unsigned.type, unsigned.claims, sign) }
}
