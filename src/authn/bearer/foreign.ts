import { refuse } from '../../errors/refusal.ts'
import { authenticated, rejected, type Outcome } from '../outcome.ts'
import type { BearerPrincipal, User } from '../principal.ts'
import type { Users } from '../users.ts'
import type { BearerClaims } from './claims.ts'

/** What a verified token of another signer says about its bearer. */
export function toBearerPrincipal(claims: BearerClaims, passesOn: boolean): BearerPrincipal {
  const { userId, expiresAt, roles, scopes } = claims
  return { kind: 'bearer', userId, expiresAt, passesOn, roles, scopes, user: null }
}

/** Decides who a token of another signer speaks for. */
export type Voucher = (principal: BearerPrincipal) => Outcome | Promise<Outcome>

/**
 * Makes what has the last word on tokens of other signers: with `users`, one must name an existing user of Better Auth. A
 * principal that is given again comes out as the same object as long as its user is.
 *
 * Refusals: `token_invalid` for nobody's token, `session_store_unavailable`. Not checked here: whether the user is
 * banned, which is for every principal to be asked.
 */
export function createVoucher(users: Users | null): Voucher {
  if (users === null) return authenticated
  const named = new WeakMap<BearerPrincipal, BearerPrincipal>()
  const decide = (principal: BearerPrincipal, user: User | null): Outcome => {
    if (user === null) return rejected(unknownUser())
    const known = named.get(principal)
    if (known?.user === user) return authenticated(known)
    const withUser: BearerPrincipal = { ...principal, user }
    named.set(principal, withUser)
    return authenticated(withUser)
  }
  return (principal) => {
    const known = users.peek(principal.userId)
    if (known !== undefined) return decide(principal, known)
    return users.find(principal.userId).then(
      (user) => decide(principal, user),
      () => rejected(refuse('session_store_unavailable')),
    )
  }
}

function unknownUser(): ReturnType<typeof refuse> {
  const detail = 'The access token names a user who does not exist.'
  return refuse('token_invalid', { detail, tokenPresented: true })
}
