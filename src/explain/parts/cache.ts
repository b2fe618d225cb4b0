import type { Principal } from '../../authn/principal.ts'
import type { GatewayConfig } from '../../config/types.ts'
import type { Forwarded } from '../../pipeline.ts'
import type { CacheView } from '../explanation.ts'
import type { Seen } from '../witness.ts'

/**
 * What a gateway would remember of an admitted request's caller. While revocations of other gateways cannot be heard of, callers are
 * believed for 5 s at most.
 */
export function cacheOf(
  forwarded: Forwarded | null,
  { slides }: Seen,
  config: GatewayConfig,
  nowMs: number,
): CacheView {
  const principal = forwarded?.principal ?? null
  if (principal === null) return { callerMs: null, assertionMs: null, slides }
  return {
    callerMs: callerMs(principal, config, nowMs),
    assertionMs: forwarded?.route.serve.kind === 'static' ? null : assertionMs(principal, config),
    slides,
  }
}

function callerMs(principal: Principal, config: GatewayConfig, nowMs: number): number | null {
  const { cacheMs } = config.auth.session
  switch (principal.kind) {
    case 'session':
      return Math.min(cacheMs, principal.session.expiresAtMs - nowMs)
    case 'apiKey':
      return Math.min(cacheMs, (principal.expiresAtMs ?? Infinity) - nowMs)
    case 'bearer':
      // Its claims are judged each time; what is remembered is the user whom it names.
      return principal.user === null ? null : cacheMs
  }
}

function assertionMs(principal: Principal, { identity: { token } }: GatewayConfig): number | null {
  if (token === null || (principal.kind === 'bearer' && principal.passesOn)) return null
  // Whoever looks at `jti` may take every token once.
  return token.standardClaims.includes('jti') ? 0 : token.ttlMs / 2
}
