import { randomBytes } from 'node:crypto'
import { sealedClaim } from '../authn/bearer/reader.ts'
import { readCookieValues } from '../authn/cookie.ts'
import { createTicketIssuer, type IssueDeps, type TicketIssuer } from '../authn/ticket/issue.ts'
import { claimsIn, tokenIn } from '../authn/ticket/record.ts'
import type { TicketStore } from '../authn/ticket/store.ts'
import type { GatewayConfig } from '../config/types.ts'
import { digest } from '../crypto/hs256.ts'
import { createSeal, type Seal } from '../crypto/seal.ts'
import { sessionCookieNames } from '../session/cookies.ts'
import { createSessionSeal } from '../session/remote/seal.ts'

/** Makes tickets, and keeps them in `tickets`. */
export function ticketIssuer(config: GatewayConfig, tickets: TicketStore): TicketIssuer {
  return createTicketIssuer({
    tickets,
    newTicket: () => randomBytes(32).toString('base64url'),
    digest,
    seal: ticketSeal(config).seal,
    proofOf: proofFinder(config),
  })
}

const purpose = 'sallyport: ticket'

/** What a kept ticket is closed with: whoever may write into Redis, or read there, becomes nobody by it. */
export function ticketSeal({ auth, bearer }: GatewayConfig): Seal {
  const pushSecret = auth.remote?.pushSecret ?? null
  const own = auth.secrets.length > 0 ? auth.secrets : pushSecret === null ? [] : [pushSecret]
  // Others may know the secrets of bearer tokens.
  return createSeal(own.length > 0 ? own : bearer.secrets, purpose)
}

/** Finds the session cookie behind a credential that was accepted, where a Better Auth elsewhere asks for it. */
function proofFinder(config: GatewayConfig): IssueDeps['proofOf'] {
  const sealed = createSessionSeal(config)
  if (sealed === null) return () => null
  const { token: name } = sessionCookieNames(config)
  return ({ authorization, cookie }, sessionId) => {
    if (authorization === null) return readCookieValues(cookie ?? '', name)[0] ?? null
    const claims = claimsIn(authorization)
    if (claims !== null) {
      const claim = claims[sealedClaim]
      return typeof claim === 'string' ? sealed.unseal(claim, sessionId) : null
    }
    // A session token of Better Auth's: the value of the cookie, percent-encoded or not.
    const token = tokenIn(authorization)
    return token === null ? null : encodeURIComponent(decodeURIComponent(token))
  }
}
