import { refuse } from '../../errors/refusal.ts'
import type { RequestHead } from '../../head.ts'
import { createVoucher, toBearerPrincipal } from '../bearer/foreign.ts'
import { readNamedSession, type SessionBoundDeps } from '../bearer/session-bound.ts'
import { authenticated, rejected, type Outcome } from '../outcome.ts'
import type { Users } from '../users.ts'
import type { Holder, Place, TicketRecord } from './record.ts'
import type { TicketStore } from './store.ts'

export interface TicketDeps extends Pick<SessionBoundDeps, 'sessions'> {
  readonly tickets: Pick<TicketStore, 'take'>
  readonly digest: (text: string) => string
  /** Opens what was sealed for this context; null for anything else. */
  readonly unseal: (sealed: string, context: string) => string | null
  /** A Better Auth elsewhere knows a session by its cookie alone, so that a ticket has to bring it. */
  readonly needsProof: boolean
  /** Tokens of other signers must name an existing user: who is asked for them. null: they may name anybody. */
  readonly bearerUsers: Users | null
  /** Who is asked for the owner of an API key; null: nobody can be. */
  readonly keyUsers: Users | null
  readonly isRevoked: (claims: {
    readonly userId: string
    readonly sessionId: string | null
    readonly issuedAt: number | null
  }) => boolean
}

/** Reads the ticket of a request that has one; `now` is in milliseconds. */
export type TicketReader = (head: RequestHead, now: number) => Outcome | Promise<Outcome>

// 256 bits in base64url, without padding.
const ticketGrammar = /^[A-Za-z0-9_-]{43}$/

/**
 * Makes the reader of tickets. A ticket is used up by being shown, wherever: one that turns up in the wrong place has been stolen or mistaken, and is good for
 * nothing any more. Whose it is, is asked anew: a session that has ended since opens nothing.
 *
 * Refusals: `token_invalid` for a ticket that is repeated, malformed, unknown, used, expired, or shown for another path, at another host or by a page of
 * another origin; `session_store_unavailable`; and what becomes of whom it was made for: `session_revoked`, `session_expired`, `token_expired`.
 */
export function createTicketReader(deps: TicketDeps): TicketReader {
  const read = createHolderReader(deps)
  return (head, now) => {
    const value = head.ticket?.value ?? ''
    if (!isTicket(value)) return readUnknownTicket(head, now)
    return redeem(value, deps).then(
      (record) => {
        if (record === null || record.expiresAtMs <= now) return invalid()
        return isThere(record, head) ? read(record, head.address, now) : invalid()
      },
      () => rejected(refuse('session_store_unavailable')),
    )
  }
}

/** Answers as where no ticket is kept, and uses none up. */
export const readUnknownTicket: TicketReader = ({ ticket }) =>
  ticket?.value == null ? invalid('A request carries at most one ticket.') : invalid()

/** Whether one of ours could read so. */
export function isTicket(value: string): boolean {
  return ticketGrammar.test(value)
}

async function redeem(ticket: string, deps: TicketDeps): Promise<TicketRecord | null> {
  const key = deps.digest(ticket)
  const sealed = await deps.tickets.take(key)
  const text = sealed === null ? null : deps.unseal(sealed, key)
  // Nobody but a gateway can have sealed it.
  return text === null ? null : (JSON.parse(text) as TicketRecord)
}

function isThere(place: Place, head: RequestHead): boolean {
  const mark = head.target.indexOf('?')
  const path = mark === -1 ? head.target : head.target.slice(0, mark)
  return path === place.path && head.host?.toLowerCase() === place.host && isFrom(place, head)
}

/** Browsers leave `Origin` out of a GET to the page's own origin, and say instead that it is that (Fetch §3.2, Fetch Metadata). */
function isFrom({ origin, host }: Place, head: RequestHead): boolean {
  if (head.origin !== null || head.secFetchSite !== 'same-origin') return head.origin === origin
  return origin !== null && URL.parse(origin)?.host === host
}

type HolderReader = (
  record: TicketRecord,
  address: string,
  now: number,
) => Outcome | Promise<Outcome>

function createHolderReader(deps: TicketDeps): HolderReader {
  const vouch = createVoucher(deps.bearerUsers)
  return ({ holder, issuedAtMs }, address, now) => {
    switch (holder.kind) {
      case 'session':
        return readSession(holder, address, deps)
      case 'bearer': {
        if (holder.expiresAt * 1000 <= now) return expired()
        if (isRevoked(holder.sessionId, holder, issuedAtMs, deps)) return revoked()
        // The token itself is not there to travel on: FastAPI gets an assertion.
        return vouch(toBearerPrincipal({ ...holder, issuedAt: null }, false))
      }
      case 'apiKey':
        return isRevoked(null, holder, issuedAtMs, deps) ? revoked() : readOwner(holder, deps)
    }
  }
}

async function readSession(
  holder: Extract<Holder, { kind: 'session' }>,
  address: string,
  { sessions, needsProof }: TicketDeps,
): Promise<Outcome> {
  const { userId, sessionId, proof, from } = holder
  const opened = needsProof ? { unseal: (value: string) => value } : {}
  const named = { userId, sessionId, sealed: proof, address }
  const outcome = await readNamedSession(named, { sessions, ...opened })
  if (outcome.answer !== 'authenticated' || outcome.principal.kind !== 'session') return outcome
  return authenticated({ ...outcome.principal, via: from === 'cookie' ? 'ticket' : 'bearer' })
}

/** Whether what the ticket was made from, or all of its user's, has been revoked since. */
function isRevoked(
  sessionId: string | null,
  { userId }: Holder,
  issuedAtMs: number,
  deps: TicketDeps,
): boolean {
  return deps.isRevoked({ userId, sessionId, issuedAt: issuedAtMs / 1000 })
}

async function readOwner(
  { userId, keyId, scopes }: Extract<Holder, { kind: 'apiKey' }>,
  { keyUsers }: TicketDeps,
): Promise<Outcome> {
  try {
    const user = keyUsers?.peek(userId) ?? (await keyUsers?.find(userId)) ?? null
    if (user === null) return invalid()
    return authenticated({ kind: 'apiKey', userId, keyId, user, scopes })
  } catch {
    return rejected(refuse('session_store_unavailable'))
  }
}

function invalid(detail = 'The ticket is not valid here, or not any more.'): Outcome {
  return rejected(refuse('token_invalid', { detail, tokenPresented: true }))
}

function expired(): Outcome {
  const detail = 'The token that the ticket was made from has expired.'
  return rejected(refuse('token_expired', { detail, tokenPresented: true }))
}

function revoked(): Outcome {
  return rejected(refuse('session_revoked', { tokenPresented: true }))
}
