import { anonymous, type Assertion } from '../assertion/assert.ts'
import type { Principal, SessionPrincipal } from '../authn/principal.ts'
import { isByCookie } from '../authz/identify.ts'
import type { RouteConfig } from '../config/types.ts'
import type { Refusal } from '../errors/refusal.ts'
import { isWebSocket, type RequestHead } from '../head.ts'
import type { RoadDeps } from '../pipeline.ts'

/** What FastAPI is told. Files are told nothing: for them nobody needs a name. */
export function vouch(
  principal: Principal | null,
  { serve }: RouteConfig,
  now: number,
  deps: RoadDeps,
): Assertion | Refusal {
  return principal === null || serve.kind === 'static' ? anonymous : deps.assert(principal, now)
}

export interface Caller {
  readonly principal: Principal | null
  readonly setCookies: readonly string[]
}

export const noCookies: readonly string[] = []

/** Whether the sliding refresh is due. The answer to a handshake is FastAPI's, and a poll in the background is not use. */
export function mayExtend(
  principal: Principal | null,
  head: RequestHead,
  now: number,
): principal is SessionPrincipal {
  if (principal === null || !isByCookie(principal)) return false
  return principal.session.refreshAtMs <= now && !head.passive && !isWebSocket(head)
}

export async function extend(
  principal: SessionPrincipal,
  head: RequestHead,
  deps: RoadDeps,
): Promise<Caller> {
  const { session, setCookies } = await deps.slide(principal.session, head)
  return { principal: { ...principal, session }, setCookies }
}

/** What is announced is judged before anything of it is read. */
export function isTooLarge(head: RequestHead, route: RouteConfig): boolean {
  return head.contentLength !== null && Number(head.contentLength) > route.bodyLimitBytes
}
