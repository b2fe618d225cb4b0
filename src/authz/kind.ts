import type { Principal } from '../authn/principal.ts'
import type { CredentialKind } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'

/**
 * Which kind of credential decides a request, by where it stands and without a look at it; null where there is none.
 * @param readsApiKeys `x-api-key` is a credential here, and no header like any other
 */
export function presentedKind(
  head: Pick<RequestHead, 'authorization' | 'apiKey' | 'cookie'>,
  hasSessionCookie: (cookie: string) => boolean,
  readsApiKeys: boolean,
): CredentialKind | null {
  if (head.authorization !== null) return 'bearer'
  if (readsApiKeys && head.apiKey !== null) return 'apiKey'
  return head.cookie !== null && hasSessionCookie(head.cookie) ? 'session' : null
}

/** The kind of credential that a principal was proven by. */
export function kindOf(principal: Principal): CredentialKind {
  switch (principal.kind) {
    case 'session':
      return principal.via === 'bearer' ? 'bearer' : 'session'
    case 'bearer':
    case 'apiKey':
      return principal.kind
  }
}

/**
 * Whether a route that accepts only some kinds of credentials accepts this one. Returns `token_not_accepted`, or null. A
 * credential that does not count is not passed over for another one, or for nobody: who sends it means it.
 * @param accept null: every kind
 */
export function judgeKind(
  kind: CredentialKind | null,
  accept: readonly CredentialKind[] | null,
): Refusal | null {
  if (kind === null || accept === null || accept.includes(kind)) return null
  return refuse('token_not_accepted', kind === 'bearer' ? { tokenPresented: true } : {})
}
