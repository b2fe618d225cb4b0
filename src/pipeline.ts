import { anonymous, type Assertion } from './assertion/assert.ts'
import { authenticate, type AuthnDeps } from './authn/authenticate.ts'
import type { Principal, Session, SessionPrincipal } from './authn/principal.ts'
import { authorize } from './authz/access.ts'
import { checkOrigin } from './authz/origin.ts'
import type { RouteConfig } from './config/types.ts'
import { isRefusal, refuse, type Refusal } from './errors/refusal.ts'
import type { RequestHead } from './head.ts'
import { readTarget } from './routing/canonical.ts'
import type { EndpointAccess, RouteTable } from './routing/compile.ts'
import { checkHost, type KnownHosts } from './routing/host.ts'
import { matchRoute } from './routing/match.ts'
import type { RefreshedSession } from './session/port.ts'

/** Everything a request is decided by; built once per configuration, swapped whole. */
export interface RoadDeps {
  readonly routes: RouteTable
  readonly hosts: KnownHosts
  readonly origins: ReadonlySet<string>
  readonly authn: AuthnDeps
  readonly assert: (principal: Principal, nowMs: number) => Assertion
  readonly slide: Slide
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

/** Extends a session whose sliding refresh is due; answers with what is now known and the cookies the browser must get. */
export type Slide = (session: Session, head: RequestHead) => Promise<RefreshedSession>

/** A request that may go on, and what it goes on with. */
export type Admission = Forwarded | Local

export interface Forwarded {
  readonly kind: 'forward'
  readonly route: RouteConfig
  readonly target: string
  readonly principal: Principal | null
  readonly assertion: Assertion
  readonly setCookies: readonly string[]
}

/** For an endpoint of ours; `session` is there where the endpoint asked for it and the caller has one. */
export interface Local {
  readonly kind: 'local'
  readonly session: Session | null
}

/**
 * The road. Every request walks it once, left to right, and either leaves it as a refusal or arrives with what FastAPI may
 * be told. No stage reads a body, and the only I/O is a session look-up that is not cached.
 */
export async function admit(head: RequestHead, deps: RoadDeps): Promise<Admission | Refusal> {
  const wrongHost = checkHost(head, deps.hosts)
  if (wrongHost !== null) return wrongHost
  const target = readTarget(head.target)
  if (isRefusal(target)) return target
  const destination = matchRoute(deps.routes, target, head.method)
  if (isRefusal(destination)) return destination
  if (isWebSocket(head)) return refuse('upgrade_not_allowed')
  if (head.repeated !== null && head.repeated !== 'authorization') return malformed(head.repeated)
  if (destination.kind !== 'forward') return admitLocal(destination, head, deps)

  const { route } = destination
  if (isTooLarge(head, route)) return refuse('body_too_large')
  if (route.auth.mode === 'none') return forwarded(route, target.target, null, anonymous, [])

  const now = deps.now()
  const answer = authenticate(head, deps.authn, now)
  // Most sessions are cached, and then there is nothing to wait for.
  const outcome = answer instanceof Promise ? await answer : answer
  const principal = authorize(route.auth.mode, outcome)
  if (principal === null) return forwarded(route, target.target, null, anonymous, [])
  if (isRefusal(principal)) return principal
  if (!isByCookie(principal)) {
    return forwarded(route, target.target, principal, deps.assert(principal, now), [])
  }
  const foreign = checkOrigin(head, deps.origins)
  if (foreign !== null) return foreign
  if (principal.session.refreshAtMs > now || head.passive) {
    return forwarded(route, target.target, principal, deps.assert(principal, now), [])
  }
  const { session, setCookies } = await deps.slide(principal.session, head)
  const current = { ...principal, session }
  return forwarded(route, target.target, current, deps.assert(current, deps.now()), setCookies)
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
  const foreign = checkOrigin(head, deps.origins)
  return foreign ?? { kind: 'local', session: principal.session }
}

function forwarded(
  route: RouteConfig,
  target: string,
  principal: Principal | null,
  assertion: Assertion,
  setCookies: readonly string[],
): Forwarded {
  return { kind: 'forward', route, target, principal, assertion, setCookies }
}

function isByCookie(principal: Principal): principal is SessionPrincipal {
  return principal.kind === 'session' && principal.via === 'cookie'
}

/** Other protocols in `Upgrade` may be ignored (RFC 9110 §7.8), and are: the header is hop-by-hop and goes no further. */
function isWebSocket(head: RequestHead): boolean {
  return head.upgrade?.toLowerCase().includes('websocket') === true
}

function isTooLarge(head: RequestHead, route: RouteConfig): boolean {
  return head.contentLength !== null && Number(head.contentLength) > route.bodyLimitBytes
}

function malformed(name: string): Refusal {
  return refuse('request_malformed', { detail: `A request carries at most one ${name} header.` })
}
