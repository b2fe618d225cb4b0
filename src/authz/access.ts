import type { Outcome } from '../authn/outcome.ts'
import { userOf, type Principal } from '../authn/principal.ts'
import type { AccessMode } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'

/**
 * Whether the caller may use a route of this mode. Returns the principal to vouch for, null for an anonymous caller, or
 * the refusal.
 *
 * On `optional`, no credential or a session that has ended is anonymous; a forged cookie or a bad token is still refused,
 * because a credential that was presented and is invalid never degrades.
 */
export function authorize(
  mode: Exclude<AccessMode, 'none'>,
  outcome: Outcome,
): Principal | null | Refusal {
  switch (outcome.answer) {
    case 'absent':
      return mode === 'optional' ? null : refuse('credential_missing')
    case 'rejected':
      return mode === 'optional' && isEndedCookie(outcome.refusal) ? null : outcome.refusal
    case 'authenticated': {
      const { principal } = outcome
      return userOf(principal)?.banned === true ? refuse('user_banned') : principal
    }
  }
}

function isEndedCookie(refusal: Refusal): boolean {
  const ended = refusal.code === 'session_expired' || refusal.code === 'session_revoked'
  return ended && refusal.tokenPresented !== true
}
