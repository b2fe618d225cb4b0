import { authenticate, type AuthnDeps } from '../authn/authenticate.ts'
import type { Outcome } from '../authn/outcome.ts'
import type { Principal, SessionPrincipal } from '../authn/principal.ts'
import type { RouteAuth } from '../config/types.ts'
import { isRefusal, type Refusal } from '../errors/refusal.ts'
import { isWebSocket, type RequestHead } from '../head.ts'
import { authorize } from './access.ts'
import { judgeKind, presentedKind } from './kind.ts'
import { judgeNeeds, type Asked } from './needs.ts'
import { checkOrigin } from './origin.ts'
import { noWitness, type Witness } from './witness.ts'

export interface IdentifyDeps {
  readonly authn: AuthnDeps
  /** Whether a `Cookie` value holds a session cookie, whatever it is worth. */
  readonly hasSessionCookie: (cookie: string) => boolean
  /** Ours and the trusted ones. */
  readonly origins: ReadonlySet<string>
}

/**
 * Who is calling, if they may: the credential is of an accepted kind, is good, comes from where it may come from, and has what
 * the route asks for. Returns null for an anonymous caller. Only the look-up of a session that is not cached waits.
 *
 * Where the request comes from is asked before what the route needs, so that no page of another site can find out by its
 * handshakes who somebody is.
 */
export function identify(
  head: RequestHead,
  auth: RouteAuth,
  asked: Asked,
  deps: IdentifyDeps,
  witness: Witness = noWitness,
): Principal | null | Refusal | Promise<Principal | null | Refusal> {
  const { mode, accept } = auth
  if (mode === 'none') return null
  // Of which kind a ticket is shows when it is redeemed, and is judged then.
  if (accept !== null && head.ticket === null) {
    const readsApiKeys = deps.authn.readApiKey !== undefined
    const presented = presentedKind(head, deps.hasSessionCookie, readsApiKeys)
    const unaccepted = judgeKind(presented, accept)
    if (unaccepted !== null) return unaccepted
  }
  const answer = authenticate(head, deps.authn, asked.nowMs)
  const judge = (outcome: Outcome): Principal | null | Refusal => {
    const principal = authorize(mode, outcome)
    if (principal === null || isRefusal(principal)) return principal
    witness.knows(principal, head)
    const foreign = isByCookie(principal)
      ? checkOrigin(head, deps.origins, isWebSocket(head))
      : null
    return foreign ?? judgeNeeds(principal, auth, asked) ?? principal
  }
  return answer instanceof Promise ? answer.then(judge) : judge(answer)
}

/** Whether the cookie decided: browsers send it without being asked. */
export function isByCookie(principal: Principal): principal is SessionPrincipal {
  return principal.kind === 'session' && principal.via === 'cookie'
}
