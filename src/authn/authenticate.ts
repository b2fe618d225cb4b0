import { refuse } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { BearerReader } from './bearer.ts'
import type { CookieReader } from './cookie.ts'
import { rejected, type Outcome } from './outcome.ts'

export interface AuthnDeps {
  readonly readBearer: BearerReader
  readonly readCookie: CookieReader
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
  const { authorization, connection } = head
  if (authorization !== null) return deps.readBearer(authorization, connection, now)
  return deps.readCookie(head.cookie, connection)
}
