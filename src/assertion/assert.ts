import { assertionType } from '../authn/bearer/reader.ts'
import type { Principal, Session } from '../authn/principal.ts'
import type { IdentityConfig, TokenConfig } from '../config/types.ts'
import { isRefusal, type Refusal } from '../errors/refusal.ts'
import { toClaims, type Issuance } from './claims.ts'
import { signToken } from './issue.ts'
import { readSource } from './sources.ts'
import { readSubject } from './subject.ts'

/** What FastAPI is told about the caller: header pairs, ready to be injected. */
export interface Assertion {
  /** Flat name-value pairs, names lower case. `x-user-id` is the first. */
  readonly headers: readonly string[]
  /** The client's own `Authorization` travels on: FastAPI knows that token's secret and may need its claims. */
  readonly keepAuthorization: boolean
}

export interface AssertionDeps extends Omit<Issuance, 'now'> {
  readonly identity: IdentityConfig
  readonly sign: (input: string) => string
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
 * Refused with `email_not_verified` or `subject_missing` is who has no subject; a token never says another one instead.
 */
export function createAsserter(
  deps: AssertionDeps,
): (principal: Principal, nowMs: number) => Assertion | Refusal {
  const sources = headerSources(deps.identity)
  // Keyed by the session object: whatever replaces a cached session replaces its assertion too.
  const issued = new WeakMap<Session | Principal, Issued>()
  return (principal, nowMs) => {
    if (principal.kind === 'bearer' && principal.passesOn) {
      return { headers: identityHeaders(principal, sources), keepAuthorization: true }
    }
    const key = principal.kind === 'session' ? principal.session : principal
    const known = issued.get(key)
    if (known !== undefined && known.reuseUntilMs > nowMs) return known.assertion
    const fresh = issue(principal, identityHeaders(principal, sources), deps, nowMs)
    if (isRefusal(fresh)) return fresh
    issued.set(key, fresh)
    return fresh.assertion
  }
}

function issue(
  principal: Principal,
  headers: string[],
  deps: AssertionDeps,
  nowMs: number,
): Issued | Refusal {
  const { token } = deps.identity
  if (token === null) {
    return { assertion: { headers, keepAuthorization: false }, reuseUntilMs: Infinity }
  }
  const subject = readSubject(principal, token.subject)
  if (typeof subject !== 'string') return subject
  const claims = toClaims(principal, subject, token, { ...deps, now: Math.floor(nowMs / 1000) })
  headers.push('authorization', `${token.scheme} ${signToken(assertionType, claims, deps.sign)}`)
  return {
    assertion: { headers, keepAuthorization: false },
    reuseUntilMs: mayRepeat(token) ? nowMs + token.ttlMs / 2 : nowMs,
  }
}

/** Whoever looks at `jti` may take every token once (RFC 7519 §4.1.7). */
function mayRepeat({ standardClaims }: TokenConfig): boolean {
  return !standardClaims.includes('jti')
}

type HeaderSource = IdentityConfig['headers'][number]

/** What to inject besides the headers that are always there, with names as they go out. */
function headerSources(identity: IdentityConfig): readonly HeaderSource[] {
  return identity.headers
    .map(({ name, source }) => ({ name: name.toLowerCase(), source }))
    .filter(({ name }) => name !== 'x-user-id' && name !== 'x-impersonated-by')
}

function identityHeaders(principal: Principal, sources: readonly HeaderSource[]): string[] {
  const headers = ['x-user-id', principal.userId]
  const admin = readSource(principal, 'session.impersonatedBy')
  if (admin !== null && visible.test(admin)) headers.push('x-impersonated-by', admin)
  for (const { name, source } of sources) {
    const value = readSource(principal, source)
    if (value !== null && visible.test(value)) headers.push(name, value)
  }
  return headers
}
