import { anonymous, type Assertion } from './assertion/assert.ts'
import { authenticate, type AuthnDeps } from './authn/authenticate.ts'
import type { Outcome } from './authn/outcome.ts'
import type { Principal, Session, SessionPrincipal } from './authn/principal.ts'
import { authorize } from './authz/access.ts'
import { corsHeaders, corsHeadersAt, isPreflight, preflightHeaders } from './authz/cors.ts'
import { checkOrigin } from './authz/origin.ts'
import type { RateLimitConfig, RouteConfig } from './config/types.ts'
import { isRefusal, refuse, withHeaders, type Refusal } from './errors/refusal.ts'
import type { RequestHead } from './head.ts'
import { readTarget, type CanonicalTarget } from './routing/canonical.ts'
import type { EndpointAccess, RouteTable } from './routing/compile.ts'
import { checkHost, type KnownHosts } from './routing/host.ts'
import { matchRoute } from './routing/match.ts'
import { rewriteTarget } from './routing/rewrite.ts'
import type { RefreshedSession } from './session/port.ts'

/** Everything a request is decided by; built once per configuration, swapped whole. */
export interface RoadDeps {
  readonly routes: RouteTable
  readonly hosts: KnownHosts
  readonly origins: ReadonlySet<string>
  readonly authn: AuthnDeps
  readonly assert: (principal: Principal, nowMs: number) => Assertion
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
}

/** For an endpoint of ours; `session` is there where the endpoint asked for it and the caller has one. */
export interface Local {
  readonly kind: 'local'
  readonly session: Session | null
}

/** A CORS preflight of a route that has `cors`: answered by us, without anybody being asked. */
export interface Preflight {
  readonly kind: 'preflight'
  readonly answerHeaders: readonly string[]
}

/**
 * The road. Every request walks it once, left to right, and either leaves it as a refusal or arrives with what FastAPI may
 * be told. No stage reads a body, and the only I/O is a session look-up that is not cached and a shared rate limit.
 */
export async function admit(head: RequestHead, deps: RoadDeps): Promise<Admission | Refusal> {
  const wrongHost = checkHost(head, deps.hosts)
  if (wrongHost !== null) return wrongHost
  const target = readTarget(head.target)
  if (isRefusal(target)) return target
  if (head.repeated !== null && head.repeated !== 'authorization') {
    return readable(malformed(head.repeated), head, deps)
  }
  const preflight = isPreflight(head) ? admitPreflight(target, head, deps) : null
  if (preflight !== null) return preflight
  const destination = matchRoute(deps.routes, target, head.host ?? '', head.method)
  if (isRefusal(destination)) return readable(destination, head, deps)
  const takesWebSocket = destination.kind === 'forward' && destination.route.websocket !== null
  if (isWebSocket(head) && !takesWebSocket) return refuse('upgrade_not_allowed')
  if (destination.kind !== 'forward') return admitLocal(destination, head, deps)

  const { route } = destination
  const cors = route.cors === null ? [] : corsHeaders(head, route.cors, deps.origins)
  const rewritten = rewriteTarget(target, route.serve)
  if (isRefusal(rewritten)) return withHeaders(rewritten, cors)
  const admission = await admitForward(route, rewritten, head, deps, cors)
  return isRefusal(admission) ? withHeaders(admission, cors) : admission
}

/** From the rate limit per address to the assertion, for a route of the configuration. */
async function admitForward(
  route: RouteConfig,
  target: CanonicalTarget,
  head: RequestHead,
  deps: RoadDeps,
  cors: readonly string[],
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
  const identified = identify(route, head, deps, now)
  const caller = identified instanceof Promise ? await identified : identified
  if (isRefusal(caller)) return caller
  if (rateLimit?.by === 'user') {
    const { refusal, headers } = await deps.limitRate(rateLimit, caller.principal, head)
    if (refusal !== null) return refusal
    answerHeaders = [...cors, ...headers]
  }
  const { principal, setCookies } = mayExtend(caller.principal, head, now)
    ? await extend(caller.principal, head, deps)
    : caller
  const assertion = principal === null ? anonymous : deps.assert(principal, now)
  return { kind: 'forward', route, target, principal, assertion, setCookies, answerHeaders }
}

/** The answer to a preflight of a route that has `cors`, or null: elsewhere OPTIONS is a method like any other. */
function admitPreflight(
  target: CanonicalTarget,
  head: RequestHead,
  deps: RoadDeps,
): Preflight | null {
  const asked = matchRoute(deps.routes, target, head.host ?? '', head.requestedMethod ?? '')
  if (isRefusal(asked) || asked.kind !== 'forward' || asked.route.cors === null) return null
  return {
    kind: 'preflight',
    answerHeaders: preflightHeaders(head, asked.route.cors, deps.origins),
  }
}

interface Caller {
  readonly principal: Principal | null
  readonly setCookies: readonly string[]
}

/** Authenticate, authorize, and for cookies ask where the request comes from. */
function identify(
  route: RouteConfig,
  head: RequestHead,
  deps: RoadDeps,
  now: number,
): Caller | Refusal | Promise<Caller | Refusal> {
  const { mode } = route.auth
  if (mode === 'none') return nobody
  const answer = authenticate(head, deps.authn, now)
  const judge = (outcome: Outcome): Caller | Refusal => judgeCaller(outcome, mode, head, deps)
  return answer instanceof Promise ? answer.then(judge) : judge(answer)
}

function judgeCaller(
  outcome: Outcome,
  mode: 'required' | 'optional',
  head: RequestHead,
  deps: RoadDeps,
): Caller | Refusal {
  const principal = authorize(mode, outcome)
  if (principal === null) return nobody
  if (isRefusal(principal)) return principal
  const foreign = isByCookie(principal) ? checkOrigin(head, deps.origins, isWebSocket(head)) : null
  return foreign ?? { principal, setCookies: noCookies }
}

const noCookies: readonly string[] = []
const nobody: Caller = { principal: null, setCookies: noCookies }

/** Whether the sliding refresh is due. The answer to a handshake is FastAPI's, and a poll in the background is not use. */
function mayExtend(
  principal: Principal | null,
  head: RequestHead,
  now: number,
): principal is SessionPrincipal {
  if (principal === null || !isByCookie(principal)) return false
  return principal.session.refreshAtMs <= now && !head.passive && !isWebSocket(head)
}

async function extend(
  principal: SessionPrincipal,
  head: RequestHead,
  deps: RoadDeps,
): Promise<Caller> {
  const { session, setCookies } = await deps.slide(principal.session, head)
  return { principal: { ...principal, session }, setCookies }
}

/** The same stages for the endpoints of ours, which only differ in who may call them. */
async function admitLocal(
  { access }: { readonly access: EndpointAccess },
  head: RequestHead,
  deps: RoadDeps,
): Promise<Local | Refusal> {
  if (access === 'open') return { kind: 'local', session: null }
  if (access === 'session' && head.authorization !== null) {
    return refuse('token_not_accepted', { tokenPresented: true })
  }
  // A look at the session asks for the cookie alone: whoever holds a bearer token knows already.
  const outcome = await authenticate({ ...head, authorization: null }, deps.authn, deps.now())
  const principal = authorize('required', outcome)
  if (isRefusal(principal)) {
    const isUnknown = principal.code === 'session_store_unavailable'
    return access === 'peek' && !isUnknown ? { kind: 'local', session: null } : principal
  }
  if (principal?.kind !== 'session') return { kind: 'local', session: null }
  const foreign = checkOrigin(head, deps.origins, false)
  return foreign ?? { kind: 'local', session: principal.session }
}

function isByCookie(principal: Principal): principal is SessionPrincipal {
  return principal.kind === 'session' && principal.via === 'cookie'
}

/** Other protocols in `Upgrade` may be ignored (RFC 9110 §7.8), and are: the header is hop-by-hop and goes no further. */
export function isWebSocket(head: Pick<RequestHead, 'upgrade'>): boolean {
  return head.upgrade?.toLowerCase().includes('websocket') === true
}

function isTooLarge(head: RequestHead, route: RouteConfig): boolean {
  return head.contentLength !== null && Number(head.contentLength) > route.bodyLimitBytes
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
