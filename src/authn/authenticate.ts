import { refuse } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { ApiKeyReader } from './api-key.ts'
import type { BearerReader } from './bearer/reader.ts'
import type { CookieReader } from './cookie.ts'
import { rejected, type Outcome } from './outcome.ts'
import type { TicketReader } from './ticket/reader.ts'

export interface AuthnDeps {
  readonly readBearer: BearerReader
  readonly readCookie: CookieReader
  /** Left out: `x-api-key` is a header like any other. */
  readonly readApiKey?: ApiKeyReader
  /** Left out: there are no tickets, and none is good. */
  readonly readTicket?: TicketReader
}

/**
 * Who is calling: the first reader that finds its credential decides alone. `Authorization` and `x-api-key` come before the cookie, so
 * that an invalid one is a 401 and never "try the cookie"; of these two a request has one. A ticket stands before all of them, and for
 * none of them. `now` is in milliseconds.
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
  const { authorization, connection, address } = head
  if (head.ticket !== null) return readTicket(head, deps, now)
  if (deps.readApiKey !== undefined && head.apiKey !== null) {
    if (authorization !== null) return ambiguous()
    if (head.repeatedApiKey) return repeatedKey()
    return deps.readApiKey(head.apiKey, connection, now)
  }
  if (authorization !== null) return deps.readBearer(authorization, connection, now, address)
  return deps.readCookie(head.cookie, connection, address)
}

/** Cookies come along unasked; who adds another credential wants something else to be decided than the ticket says. */
function readTicket(head: RequestHead, deps: AuthnDeps, now: number): Outcome | Promise<Outcome> {
  const { authorization, apiKey } = head
  if (authorization !== null || (deps.readApiKey !== undefined && apiKey !== null)) {
    return ambiguous('A ticket decides alone: leave out Authorization and x-api-key.')
  }
  return deps.readTicket?.(head, now) ?? ambiguous('There are no tickets here.')
}

function ambiguous(detail = 'A request carries Authorization or x-api-key, not both.'): Outcome {
  return rejected(refuse('token_invalid', { detail, tokenPresented: true }))
}

function repeatedKey(): Outcome {
  return rejected(
    refuse('api_key_invalid', { detail: 'A request carries at most one x-api-key header.' }),
  )
}
