import type { Assertion } from '../../assertion/assert.ts'
import type { RouteConfig } from '../../config/types.ts'
import type { RequestHead } from '../../head.ts'
import { toClientHeaders, toUpstreamHeaders, type HeaderRules } from '../headers.ts'

/** An admitted request, HTTP or handshake, as far as its headers depend on it. */
export interface Admitted {
  readonly head: RequestHead
  readonly requestId: string
  readonly admission: {
    readonly assertion: Assertion
    readonly route: RouteConfig
    readonly setCookies: readonly string[]
    readonly answerHeaders: readonly string[]
  }
}

/** The headers that FastAPI gets, flat: one road to the only writer, for HTTP and WebSocket alike. */
export function upstreamHeadersOf(
  { head, requestId, admission: { assertion, route } }: Admitted,
  rules: HeaderRules,
): string[] {
  return toUpstreamHeaders(
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
    rules,
  )
}

/** The headers that the client gets of FastAPI's answer, flat. */
export function clientHeadersOf(
  upstreamHeaders: readonly string[],
  { requestId, admission: { setCookies, answerHeaders, route } }: Admitted,
  rules: HeaderRules,
): string[] {
  return toClientHeaders(upstreamHeaders, { requestId, setCookies, answerHeaders, route }, rules)
}
