import type { Principal, SessionPrincipal } from '../authn/principal.ts'
import { judgeNeeds } from '../authz/needs.ts'
import type { RouteAuth, RouteConfig } from '../config/types.ts'
import { refuse } from '../errors/refusal.ts'
import type { LiveConnection } from './port.ts'

interface Admitted {
  readonly principal: Principal | null
  readonly route: Pick<RouteConfig, 'auth'>
}

/** Whose a stream is, until when (a session's expiry, or that of a foreign token), and what its session must go on to have. */
export function ownerOf({
  principal,
  route,
}: Admitted): Pick<LiveConnection, 'userId' | 'sessionId' | 'isByKey' | 'expiresAtMs' | 'judge'> {
  if (principal === null) {
    return { userId: null, sessionId: null, expiresAtMs: Infinity, judge: null }
  }
  const { userId } = principal
  if (principal.kind === 'bearer') {
    const expiresAtMs = principal.expiresAt * 1000
    return { userId, sessionId: null, expiresAtMs, judge: null }
  }
  if (principal.kind === 'apiKey') {
    const { expiresAtMs = Infinity } = principal
    return { userId, sessionId: null, isByKey: true, expiresAtMs, judge: null }
  }
  const { id, expiresAtMs } = principal.session
  return { userId, sessionId: id, expiresAtMs, judge: judgeOf(principal, route.auth) }
}

/**
 * What the route asked for when the stream began, asked again: but for how fresh the sign-in was, which only grows older, and whose
 * the path is, which cannot change. The stream stays with the organisation that it began with.
 */
function judgeOf(
  { kind, via, userId, session: first }: SessionPrincipal,
  { accept, needs }: RouteAuth,
): LiveConnection['judge'] {
  if (needs === null) return null
  const lasting = { accept, needs: { ...needs, freshMs: null, owner: null } }
  const organizationId = first.organization?.id
  return (session) =>
    needs.organization !== null && session.organization?.id !== organizationId
      ? refuse('organization_missing')
      : judgeNeeds({ kind, via, userId, session }, lasting, { owner: null, nowMs: 0 })
}
