import type { CorsConfig } from '../config/types.ts'
import { isRefusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import { readTarget, type CanonicalTarget } from '../routing/canonical.ts'
import type { Destination, RouteTable } from '../routing/compile.ts'
import { findLeaf, matchRoute } from '../routing/match.ts'

/** Seconds for which a browser may remember the answer to a preflight. */
const preflightMaxAge = 600
// RFC 9110 §5.6.2: tokens and what separates them.
const headerNames = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, \t]{1,4096}$/

/** Whether this is a CORS preflight (Fetch §3.3.2): nobody but a browser asks like this, and it brings no credentials. */
export function isPreflight(head: RequestHead): boolean {
  return head.method === 'OPTIONS' && head.origin !== null && head.requestedMethod !== null
}

/**
 * The headers that let a page of another origin read an answer (Fetch §3.3.3), as flat pairs; only `Vary` for origins that the
 * route does not list. Credentials are allowed to origins that are also trusted.
 */
export function corsHeaders(
  head: RequestHead,
  cors: CorsConfig,
  trusted: ReadonlySet<string>,
): readonly string[] {
  const { origin } = head
  if (origin === null || !cors.origins.includes(origin)) return ['vary', 'Origin']
  const headers = ['vary', 'Origin', 'access-control-allow-origin', origin]
  if (trusted.has(origin)) headers.push('access-control-allow-credentials', 'true')
  const exposed =
    'X-Request-Id, X-Sallyport-Code, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset'
  headers.push('access-control-expose-headers', exposed)
  return headers
}

/** The answer to a preflight: the method that was asked for, which the route serves, and the headers that were asked for. */
export function preflightHeaders(
  head: RequestHead,
  cors: CorsConfig,
  trusted: ReadonlySet<string>,
): readonly string[] {
  const { origin, requestedMethod, requestedHeaders } = head
  const vary = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
  if (origin === null || !cors.origins.includes(origin)) return ['vary', vary]
  const headers = ['vary', vary, 'access-control-allow-origin', origin]
  if (trusted.has(origin)) headers.push('access-control-allow-credentials', 'true')
  headers.push('access-control-allow-methods', requestedMethod ?? '')
  if (requestedHeaders !== null && headerNames.test(requestedHeaders)) {
    headers.push('access-control-allow-headers', requestedHeaders)
  }
  headers.push('access-control-max-age', String(preflightMaxAge))
  return headers
}

/** Which other origins may read what is answered there; null: none was meant to. An endpoint with CORS has it for those that are trusted. */
export function corsOf(destination: Destination, trusted: ReadonlySet<string>): CorsConfig | null {
  switch (destination.kind) {
    case 'forward':
      return destination.route.cors
    case 'endpoint':
      return destination.cors ? { origins: [...trusted] } : null
    case 'reserved':
      return null
  }
}

/** The headers of the answer to a preflight, or null where there is no CORS: there OPTIONS is a method like any other. */
export function answerPreflight(
  target: CanonicalTarget,
  head: RequestHead,
  routes: RouteTable,
  trusted: ReadonlySet<string>,
): readonly string[] | null {
  if (!isPreflight(head)) return null
  const asked = matchRoute(routes, target, head.host ?? '', head.requestedMethod ?? '')
  const cors = isRefusal(asked) ? null : corsOf(asked, trusted)
  return cors === null ? null : preflightHeaders(head, cors, trusted)
}

/**
 * The CORS headers for a refusal that was made before a route was chosen: those of the route that the path leads to, for the
 * method of the request if there is one, else for any other. None where no route has `cors` there.
 */
export function corsHeadersAt(
  head: RequestHead,
  routes: RouteTable,
  trusted: ReadonlySet<string>,
): readonly string[] {
  const target = readTarget(head.target)
  if (isRefusal(target)) return []
  const leaf = findLeaf(routes, head.host ?? '', target.path)
  const chosen = leaf?.byMethod.get(head.method)
  for (const destination of chosen === undefined ? (leaf?.byMethod.values() ?? []) : [chosen]) {
    const cors = corsOf(destination, trusted)
    if (cors !== null) return corsHeaders(head, cors, trusted)
  }
  return []
}
