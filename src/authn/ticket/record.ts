import type { RequestHead } from '../../head.ts'
import { splitJws, readObject } from '../bearer/jws.ts'
import type { Principal } from '../principal.ts'

/** Whose a ticket is: enough to find out anew who that is when it is redeemed. */
export type Holder =
  | {
      readonly kind: 'session'
      readonly userId: string
      readonly sessionId: string
      /** The credential that the ticket was made from; it counts as that kind. */
      readonly from: 'cookie' | 'bearer'
      /** The session cookie, where a Better Auth elsewhere knows the session by nothing else; else null. */
      readonly proof: string | null
    }
  | {
      readonly kind: 'bearer'
      readonly userId: string
      readonly sessionId: string | null
      /** Seconds since the epoch. */
      readonly expiresAt: number
      readonly roles: readonly string[]
      readonly scopes: readonly string[]
    }
  | {
      readonly kind: 'apiKey'
      readonly userId: string
      readonly keyId: string
      readonly scopes: readonly string[]
    }

/** Where a ticket opens something, and nowhere else. */
export interface Place {
  /** The path as it is written in the request; it has one spelling. */
  readonly path: string
  /** Lower case. */
  readonly host: string
  /** Of the page that asked for it; null: no page did. */
  readonly origin: string | null
}

/** What is kept of a ticket. Times are milliseconds since the epoch. */
export interface TicketRecord extends Place {
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly holder: Holder
}

/** @param proofOf the session cookie behind a credential, or null where it is not needed */
export function toHolder(
  principal: Principal,
  head: Pick<RequestHead, 'authorization' | 'cookie'>,
  proofOf: (
    head: Pick<RequestHead, 'authorization' | 'cookie'>,
    sessionId: string,
  ) => string | null,
): Holder {
  const { userId } = principal
  switch (principal.kind) {
    case 'session': {
      const { id: sessionId } = principal.session
      const from = principal.via === 'bearer' ? 'bearer' : 'cookie'
      return { kind: 'session', userId, sessionId, from, proof: proofOf(head, sessionId) }
    }
    case 'bearer': {
      const { expiresAt, roles, scopes } = principal
      const sid = claimsIn(head.authorization)?.['sid']
      const sessionId = typeof sid === 'string' ? sid : null
      return { kind: 'bearer', userId, sessionId, expiresAt, roles, scopes }
    }
    case 'apiKey': {
      const { keyId, scopes } = principal
      return { kind: 'apiKey', userId, keyId, scopes }
    }
  }
}

/** The claims in an `Authorization: Bearer` with a JWT. Verifies nothing: for what a reader has verified before. */
export function claimsIn(authorization: string | null): Readonly<Record<string, unknown>> | null {
  const token = tokenIn(authorization)
  const jws = token === null ? null : splitJws(token)
  return jws === null ? null : readObject(jws.payload)
}

/** What stands behind the scheme of an `Authorization`, or null. */
export function tokenIn(authorization: string | null): string | null {
  return /^\S+ +(\S+)$/.exec(authorization ?? '')?.[1] ?? null
}
