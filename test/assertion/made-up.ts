import { createAsserter, type Assertion } from '../../src/assertion/assert.ts'
import { profiles } from '../../src/assertion/profiles.ts'
import type { Principal, Session, User } from '../../src/authn/principal.ts'
import type { IdentityConfig, TokenConfig } from '../../src/config/types.ts'
import { isRefusal, type Refusal } from '../../src/errors/refusal.ts'

export const user: User = {
  id: 'user-1',
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada',
  image: null,
  role: 'admin',
  banned: false,
  externalId: '17',
  fields: { tenant: 'acme' },
}

export function sessionOf(more: Partial<User> = {}, id = 'session-1'): Session {
  return {
    id,
    expiresAtMs: 1e12,
    refreshAtMs: Infinity,
    createdAtMs: 0,
    impersonatedBy: null,
    organization: null,
    user: { ...user, ...more },
  }
}

export function principalOf(session: Session): Principal {
  return { kind: 'session', via: 'cookie', userId: session.user.id, session }
}

/** A token of a profile, with what the operator says otherwise. */
export function tokenOf(more: Partial<TokenConfig> = {}): TokenConfig {
  const { profile = 'default' } = more
  const preset = profiles[profile]
  return { ...preset, profile, ttlMs: 60_000, subject: 'user.id', claims: [], ...more }
}

export function asserterOf(
  identity: Partial<IdentityConfig>,
): (principal: Principal, nowMs: number) => Assertion | Refusal {
  let ids = 0
  return createAsserter({
    identity: { headers: [], token: null, ...identity },
    sign: () => 'signature',
    clockSkew: 30,
    newId: () => `token-${(ids += 1)}`,
  })
}

/** Throws what a test that expects an assertion has no use for. */
export function assertionOf(answer: Assertion | Refusal): Assertion {
  if (isRefusal(answer)) throw new Error(`refused: ${answer.code}`)
  return answer
}

/** The value of `Authorization`, taken apart; the signature is not looked at. */
export function tokenIn(answer: Assertion | Refusal): {
  readonly scheme: string
  readonly header: unknown
  readonly claims: unknown
  readonly text: string
} {
  const { headers } = assertionOf(answer)
  const [scheme = '', text = ''] = (headers[headers.indexOf('authorization') + 1] ?? '').split(' ')
  const [header, claims] = text.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return { scheme, header: JSON.parse(header ?? ''), claims: JSON.parse(claims ?? ''), text }
}
