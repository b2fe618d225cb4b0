import type { Assertion } from './assertion/assert.ts'
import type { Principal, Session } from './authn/principal.ts'
import { answerPreflight, corsHeaders, corsHeadersAt, corsOf } from './authz/cors.ts'
import { identify, type IdentifyDeps } from './authz/identify.ts'
import { identifyForEndpoint } from './authz/local.ts'
import { noWitness, type Witness } from './authz/witness.ts'
import type { RateLimitConfig, RouteConfig } from './config/types.ts'
import { isRefusal, refuse, withHeaders, type Refusal } from './errors/refusal.ts'
import { isWebSocket, type RequestHead } from './head.ts'
import { observe } from './pipeline/observe.ts'
import { extend, isTooLarge, mayExtend, noCookies, vouch } from './pipeline/stages.ts'
import { readTarget, type CanonicalTarget } from './routing/canonical.ts'
import type { Destination, RouteTable } from './routing/compile.ts'
import { checkHost, type KnownHosts } from './routing/host.ts'
import { matchRoute } from './routing/match.ts'
import { parameterOf } from './routing/parameter.ts'
import { rewriteTarget } from './routing/rewrite.ts'
import type { RefreshedSession } from './session/port.ts'

/** Everything a request is decided by; built once per configuration, swapped whole. */
export interface RoadDeps extends IdentifyDeps {
  readonly routes: RouteTable
  readonly hosts: KnownHosts
  readonly assert: (principal: Principal, nowMs: number) => Assertion | Refusal
  readonly limitRate: LimitRate
  readonly slide: Slide
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

/** Extends a session whose sliding refresh is due; answers with what is now known and the cookies the browser must get. */
export type Slide = (session: Session, head: RequestHead) => Promise<RefreshedSession>

/** Counts a request against a limit: by user where one is known, else by address. */
export type LimitRate = (
  limit: RateLimitConfig,
  principal: Principal | null,
  head: RequestHead,
) => Promise<RateVerdict>

export interface RateVerdict {
  /** `rate_limited` with its headers, or null. */
  readonly refusal: Refusal | null
  /** Flat name-value pairs for the answer of a request that may pass. */
  readonly headers: readonly string[]
}

/** A request that may go on, and what it goes on with. */
export type Admission = Forwarded | Local | Preflight

/** To the upstream or the files of its route. */
export interface Forwarded {
  readonly kind: 'forward'
  readonly route: RouteConfig
  /** What the upstream gets of it may lack the prefix that the route strips. */
  readonly target: CanonicalTarget
  readonly principal: Principal | null
  readonly assertion: Assertion
  readonly setCookies: readonly string[]
  /** Flat name-value pairs that the answer gets, whoever gives it: rate limit, CORS. */
  readonly answerHeaders: readonly string[]
  /** What a route that only observes would have refused; null: nothing, or the route enforces. */
  readonly observed: Refusal | null
  /** The name to compare with whom FastAPI's own login finds, where the route compares; null: we know nobody. */
  readonly knownAs: string | null
}

/** For an endpoint of ours; the principal is there where the endpoint asked for one and the caller is somebody. */
export interface Local {
  readonly kind: 'local'
  readonly principal: Principal | null
  /** Flat name-value pairs that the answer gets: CORS. */
  readonly answerHeaders: readonly string[]
}

/** A CORS preflight of what has CORS: answered by us, without anybody being asked. */
export interface Preflight {
  readonly kind: 'preflight'
  readonly answerHeaders: readonly string[]
}

/**
 * The road. Every request walks it once, left to right, and either leaves it as a refusal or arrives with what FastAPI may
 * be told. No stage reads a body, and the only I/O is a session look-up that is not cached and a shared rate limit.
 */
export async function admit(
  head: RequestHead,
  deps: RoadDeps,
  witness: Witness = noWitness,
): Promise<Admission | Refusal> {
  const wrongHost = checkHost(head, deps.hosts)
  if (wrongHost !== null) return wrongHost
  const target = readTarget(head.target)
  if (isRefusal(target)) return target
  if (head.repeated !== null && head.repeated !== 'authorization') {
    return readable(malformed(head.repeated), head, deps)
  }
  const preflight = answerPreflight(target, head, deps.routes, deps.origins)
  if (preflight !== null) return { kind: 'preflight', answerHeaders: preflight }
  const destination = matchRoute(deps.routes, target, head.host ?? '', head.method)
  if (isRefusal(destination)) return readable(destination, head, deps)
  if (destination.kind === 'forward') witness.chose(destination.route)
  const takesWebSocket = destination.kind === 'forward' && destination.route.websocket !== null
  if (isWebSocket(head) && !takesWebSocket) return refuse('upgrade_not_allowed')
  if (destination.kind !== 'forward') return admitLocal(destination, head, deps, witness)

  const { route } = destination
  const cors = route.cors === null ? [] : corsHeaders(head, route.cors, deps.origins)
  const whole = withTicket(target, head, route)
  const rewritten = isRefusal(whole) ? whole : rewriteTarget(whole, route.serve)
  if (isRefusal(rewritten)) return withHeaders(rewritten, cors)
  const leg = { route, target: rewritten, owner: ownerIn(destination, target.path), cors }
  const walk = route.observe === null ? admitForward : observe
  const admission = await walk(leg, head, deps, witness)
  return isRefusal(admission) ? withHeaders(admission, cors) : admission
}

/** Where the application keeps a login of its own, what looks like a ticket of ours is a part of that. */
function withTicket(
  target: CanonicalTarget,
  { ticket }: RequestHead,
  { auth, observe }: RouteConfig,
): CanonicalTarget | Refusal {
  if (ticket !== null && observe !== null) return readTarget(ticket.target)
  return ticket === null || !auth.forwardAuthorization ? target : readTarget(ticket.target)
}

/** What the path leads to, for a route of the configuration. */
export interface Leg {
  readonly route: RouteConfig
  readonly target: CanonicalTarget
  /** Whose the path says it is, or null. */
  readonly owner: string | null
  readonly cors: readonly string[]
}

function ownerIn(
  { route, pattern }: Extract<Destination, { readonly kind: 'forward' }>,
  path: string,
): string | null {
  const name = route.auth.needs?.owner ?? null
  return name === null ? null : parameterOf(pattern, name, path)
}

const enforced = { kind: 'forward', observed: null, knownAs: null } as const

/** From the rate limit per address to the assertion, for a route of the configuration. */
async function admitForward(
  { route, target, owner, cors }: Leg,
  head: RequestHead,
  deps: RoadDeps,
  witness: Witness,
): Promise<Forwarded | Refusal> {
  const { rateLimit } = route
  // It is judged by the time at which it came, whatever it has to wait for.
  const now = deps.now()
  let answerHeaders = cors
  if (rateLimit?.by === 'ip') {
    const { refusal, headers } = await deps.limitRate(rateLimit, null, head)
    if (refusal !== null) return refusal
    answerHeaders = [...cors, ...headers]
  }
  if (isTooLarge(head, route)) return refuse('body_too_large')
  // Most sessions are cached, and then there is nothing to wait for.
  const identified = identify(head, route.auth, { owner, nowMs: now }, deps, witness)
  const caller = identified instanceof Promise ? await identified : identified
  if (isRefusal(caller)) return caller
  if (rateLimit?.by === 'user') {
    const { refusal, headers } = await deps.limitRate(rateLimit, caller, head)
    if (refusal !== null) return refusal
    answerHeaders = [...cors, ...headers]
  }
  // Before the session is extended: whoever is refused would not get its cookie.
  const vouched = vouch(caller, route, now, deps)
  if (isRefusal(vouched)) return vouched
  const { principal, setCookies } = mayExtend(caller, head, now)
    ? await extend(caller, head, deps)
    : { principal: caller, setCookies: noCookies }
  const assertion = principal === caller ? vouched : vouch(principal, route, now, deps)
  if (isRefusal(assertion)) return assertion
  return { ...enforced, route, target, principal, assertion, setCookies, answerHeaders }
}

/** The same stages for the endpoints of ours, which only differ in who may call them. */
async function admitLocal(
  destination: Extract<Destination, { readonly kind: 'endpoint' }>,
  head: RequestHead,
  deps: RoadDeps,
  witness: Witness,
): Promise<Local | Refusal> {
  const cors = corsOf(destination, deps.origins)
  const answerHeaders = cors === null ? [] : corsHeaders(head, cors, deps.origins)
  const principal = await identifyForEndpoint(destination.access, head, deps.now(), deps, witness)
  if (isRefusal(principal)) return withHeaders(principal, answerHeaders)
  return { kind: 'local', principal, answerHeaders }
}

function malformed(name: string): Refusal {
  return refuse('request_malformed', { detail: `A request carries at most one ${name} header.` })
}

/** Whoever is refused before a route is chosen must still be able to read why, from another origin too. */
export function readable(refusal: Refusal, head: RequestHead, deps: RoadDeps): Refusal {
  // A repeated `Origin` is none.
  if (head.origin === null || head.repeated === 'origin') return refusal
  return withHeaders(refusal, corsHeadersAt(head, deps.routes, deps.origins))
}
