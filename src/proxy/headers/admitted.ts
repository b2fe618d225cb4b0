import type { Assertion } from '../../assertion/assert.ts'
import type { Principal } from '../../authn/principal.ts'
import type { RouteConfig } from '../../config/types.ts'
import type { Refusal } from '../../errors/refusal.ts'
import type { RequestHead } from '../../head.ts'
import { toClientHeaders, toUpstreamHeaders, type HeaderRules } from '../headers.ts'
import { cookiesFor, towardsApplication } from './application.ts'
import { rulesOf, takeUser, type ComparedUsers } from './observed.ts'
import { withTrace, type TraceContext } from './trace.ts'

/** An admitted request, HTTP or handshake, as far as its headers depend on it. */
export interface Admitted {
  readonly head: RequestHead
  readonly requestId: string
  /** Left out, or without a trace: what the client says of one passes. */
  readonly journey?: { readonly trace: TraceContext | null }
  readonly admission: {
    readonly assertion: Assertion
    readonly principal: Principal | null
    readonly route: RouteConfig
    readonly setCookies: readonly string[]
    readonly answerHeaders: readonly string[]
    readonly observed: Refusal | null
    readonly knownAs: string | null
  }
}

/** The headers that FastAPI gets, flat: one road to the only writer, for HTTP and WebSocket alike. */
export function upstreamHeadersOf(
  { head, requestId, journey, admission }: Admitted,
  rules: HeaderRules,
): string[] {
  const { assertion, route } = admission
  const headers = toUpstreamHeaders(
    head.rawHeaders,
    {
      assertion,
      forwardAuthorization: route.auth.forwardAuthorization,
      host: head.host ?? '',
      forwardedFor: head.address,
      requestId,
      connection: head.connection,
      route,
    },
    rulesOf(route, towardsApplication(admission, rules)),
  )
  const trace = journey?.trace ?? null
  return trace === null ? headers : withTrace(headers, trace)
}

/**
 * The headers that the client gets of FastAPI's answer, flat. To be asked once for each answer: where the route compares users, this
 * is where that is done.
 */
export function clientHeadersOf(
  status: number,
  upstreamHeaders: readonly string[],
  admitted: Admitted,
  rules: HeaderRules,
): string[] {
  const { requestId, admission } = admitted
  const { answerHeaders, route } = admission
  const setCookies = cookiesFor(upstreamHeaders, admission.setCookies, admitted, rules)
  const headers =
    route.observe === null
      ? upstreamHeaders
      : takeUser(status, upstreamHeaders, admitted, rules.onCompared ?? unheard)
  return toClientHeaders(headers, { requestId, setCookies, answerHeaders, route }, rules)
}

function unheard(_compared: ComparedUsers): void {
  // Nobody counts.
}
