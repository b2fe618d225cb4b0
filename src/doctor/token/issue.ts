import { randomBytes, randomUUID } from 'node:crypto'
import { createAsserter } from '../../assertion/assert.ts'
import { clockSkewSeconds } from '../../authn/bearer/claims.ts'
import type { IdentityConfig } from '../../config/types.ts'
import { createHs256 } from '../../crypto/hs256.ts'
import { isRefusal } from '../../errors/refusal.ts'
import { madeUpPrincipal } from './principal.ts'

/** How a token is made. */
export interface Recipe {
  readonly identity: IdentityConfig
  readonly secret: string
  readonly userId: string
  /** Seconds by which its times are wider than they are in operation; both ways. */
  readonly wider?: number
}

/**
 * The headers with which the gateway would name this user to FastAPI: the very code that names them in operation.
 * @returns names lower case
 */
export function issueHeaders(
  { identity, secret, userId, wider = 0 }: Recipe,
  nowMs: number,
): Readonly<Record<string, string>> {
  const { token } = identity
  const assert = createAsserter({
    identity:
      token === null
        ? identity
        : { ...identity, token: { ...token, ttlMs: token.ttlMs + wider * 1000 } },
    sign: createHs256(secret).sign,
    clockSkew: clockSkewSeconds + wider,
    newId: randomUUID,
  })
  const assertion = assert(madeUpPrincipal(userId, identity, nowMs), nowMs)
  if (isRefusal(assertion)) throw new Error(`nobody can be named to FastAPI (${assertion.code})`)
  const { headers } = assertion
  const pairs = headers.flatMap((name, index) =>
    index % 2 === 0 ? [[name, headers[index + 1] ?? '']] : [],
  )
  return Object.fromEntries(pairs) as Record<string, string>
}

/** A secret that nobody has. */
export function strangersSecret(): string {
  return randomBytes(32).toString('base64url')
}
