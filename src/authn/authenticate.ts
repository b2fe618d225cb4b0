import { refuse } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import { readBearer, type BearerDeps } from './bearer.ts'
import { readSessionCookie, type CookieDeps } from './cookie.ts'
import { rejected, type Outcome } from './outcome.ts'

export interface AuthnDeps {
  readonly bearer: BearerDeps
  readonly cookie: CookieDeps
}

/**
 * Who is calling: the first reader that finds its credential decides alone. `Authorization` comes before the cookie, so
 * that an invalid token is a 401 and never "try the cookie". `now` is in milliseconds.
 */
export function authenticate(
  head: RequestHead,
  deps: AuthnDeps,
  now: number,
): Outcome | Promise<Outcome> {
  if (head.repeated === 'authorization') {
    const detail = 'A request carries at most one Authorization header.'
    return rejected(refuse('token_invalid', { detail, tokenPresented: true }))
  }
  if (head.authorization !== null) return readBearer(head.authorization, deps.bearer, now)
  return readSessionCookie(head.cookie, deps.cookie)
}
