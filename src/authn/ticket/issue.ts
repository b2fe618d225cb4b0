import type { RequestHead } from '../../head.ts'
import type { Principal } from '../principal.ts'
import { toHolder, type TicketRecord } from './record.ts'
import type { TicketStore } from './store.ts'

/** How long a ticket may be redeemed, milliseconds. */
export const ticketTtlMs = 30_000

export interface IssueDeps {
  readonly tickets: Pick<TicketStore, 'put'>
  /** 256 random bits in base64url. */
  readonly newTicket: () => string
  readonly digest: (text: string) => string
  /** Closes what is kept, so that only gateways can read or make it. @param context what it can only be opened with */
  readonly seal: (text: string, context: string) => string
  readonly proofOf: (
    head: Pick<RequestHead, 'authorization' | 'cookie'>,
    sessionId: string,
  ) => string | null
}

/** Issues a ticket for a principal who was recognised by this request. */
export type TicketIssuer = (
  principal: Principal,
  head: Pick<RequestHead, 'authorization' | 'cookie' | 'host' | 'origin'>,
  path: string,
  nowMs: number,
) => Promise<string>

/**
 * Makes what issues tickets. A ticket opens one path at one host for pages of one origin, once, for 30 s; kept are its digest and, sealed, whose it is. Rejects
 * when it cannot be kept. Not checked: that a route has this path, and that the principal may use it; that is judged when it is redeemed.
 */
export function createTicketIssuer(deps: IssueDeps): TicketIssuer {
  return async (principal, head, path, nowMs) => {
    const ticket = deps.newTicket()
    const key = deps.digest(ticket)
    const record: TicketRecord = {
      path,
      host: (head.host ?? '').toLowerCase(),
      origin: head.origin,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + ticketTtlMs,
      holder: toHolder(principal, head, deps.proofOf),
    }
    await deps.tickets.put(key, deps.seal(JSON.stringify(record), key), ticketTtlMs)
    return ticket
  }
}
