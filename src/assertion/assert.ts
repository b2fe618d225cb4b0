import { assertionType } from '../authn/bearer.ts'
import type { Principal, Session } from '../authn/principal.ts'
import type { IdentityConfig, TokenConfig } from '../config/types.ts'
import { readSource, toClaims } from './claims.ts'
import { signToken } from './issue.ts'

/** What FastAPI is told about the caller: header pairs, ready to be injected. */
export interface Assertion {
  /** Flat name-value pairs, names lower case. `x-user-id` is the first. */
  readonly headers: readonly string[]
  /** The client's own `Authorization` travels on: FastAPI knows that token's secret and may need its claims. */
  readonly keepAuthorization: boolean
}

export interface AssertionDeps {
  readonly identity: IdentityConfig
  readonly sign: (input: string) => string
  /** Tolerance between our clock and FastAPI's, seconds. */
  readonly clockSkew: number
}

interface Issued {
  readonly assertion: Assertion
  readonly reuseUntilMs: number
}

/** Nobody is calling: nothing is injected. */
export const anonymous: Assertion = { headers: [], keepAuthorization: false }

const visible = /^[\x20-\x7e]*$/

/**
 * Makes the assertion of a principal. One that was issued for a session is reused until half of its life, so that FastAPI
 * always gets a token with at least half of its time left. `nowMs` is the wall clock.
 *
 * A value that cannot stand in a header (RFC 9110 §5.5) is left out; the user id was checked when the principal was made.
 */
export function createAsserter(
  deps: AssertionDeps,
): (principal: Principal, nowMs: number) => Assertion {
  // Keyed by the session object: whatever replaces a cached session replaces its assertion too.
  const issued = new WeakMap<Session, Issued>()
  return (principal, nowMs) => {
    if (principal.kind === 'bearer') {
      return { headers: identityHeaders(principal, deps.identity), keepAuthorization: true }
    }
    const known = issued.get(principal.session)
    if (known !== undefined && known.reuseUntilMs > nowMs) return known.assertion
    const fresh = issue(principal, deps, nowMs)
    issued.set(principal.session, fresh)
    return fresh.assertion
  }
}

function issue(principal: Principal, deps: AssertionDeps, nowMs: number): Issued {
  const headers = identityHeaders(principal, deps.identity)
  const { token } = deps.identity
  if (token === null) {
    return { assertion: { headers, keepAuthorization: false }, reuseUntilMs: Infinity }
  }
  headers.push('authorization', `Bearer ${issueToken(principal, token, deps, nowMs)}`)
  const reuseUntilMs = nowMs + token.ttlMs / 2
  return { assertion: { headers, keepAuthorization: false }, reuseUntilMs }
}

function issueToken(
  principal: Principal,
  token: TokenConfig,
  deps: AssertionDeps,
  nowMs: number,
): string {
  const claims = toClaims(principal, token, Math.floor(nowMs / 1000), deps.clockSkew)
  return signToken(assertionType, claims, deps.sign)
}

function identityHeaders(principal: Principal, identity: IdentityConfig): string[] {
  const headers = ['x-user-id', principal.userId]
  for (const { name, source } of identity.headers) {
    const lower = name.toLowerCase()
    if (lower === 'x-user-id') continue
    const value = readSource(principal, source)
    if (value !== null && visible.test(value)) headers.push(lower, value)
  }
  return headers
}
