import { createBearerReader, type BearerDeps } from '../../src/authn/bearer/reader.ts'
import type { Outcome } from '../../src/authn/outcome.ts'
import type { Session } from '../../src/authn/principal.ts'
import { createTokenVerifier, type TokenVerifier } from '../../src/authn/bearer/hs256.ts'
import { createHs256, digest } from '../../src/crypto/hs256.ts'
import { jwtSecret } from '../helper/token.ts'

export const session: Session = {
  id: 'session-1',
  expiresAtMs: Date.now() + 60_000,
  refreshAtMs: Infinity,
  createdAtMs: 0,
  impersonatedBy: null,
  organization: null,
  user: {
    id: 'user-1',
    email: 'a@example.com',
    emailVerified: true,
    name: 'A',
    image: null,
    role: null,
    banned: false,
    externalId: null,
    fields: {},
  },
}

export function verifierFor(...secrets: readonly string[]): TokenVerifier {
  return createTokenVerifier({ verifiers: secrets.map((each) => createHs256(each).verify), digest })
}

export function deps(
  more: Partial<BearerDeps> = {},
  rules: Partial<BearerDeps['rules']> = {},
): BearerDeps {
  return {
    sessions: {
      peek: () => undefined,
      findByToken: () => Promise.resolve(null),
      findById: (_key, id) => Promise.resolve(id === session.id ? session : null),
      wasRevoked: () => false,
    },
    verify: verifierFor(jwtSecret),
    rules: {
      userClaim: 'sub',
      rolesClaim: null,
      scopesClaim: null,
      issuer: null,
      audience: null,
      maxLifetime: 86_400,
      clockSkew: 30,
      ...rules,
    },
    ...more,
  }
}

export async function read(token: string, given = deps(), nowMs = Date.now()): Promise<Outcome> {
  return readBearer(`Bearer ${token}`, given, nowMs)
}

export async function codeOf(token: string, given = deps()): Promise<string> {
  const outcome = await read(token, given)
  return outcome.answer === 'rejected' ? outcome.refusal.code : outcome.answer
}

export async function readBearer(
  authorization: string | null,
  given: BearerDeps,
  nowMs: number,
): Promise<Outcome> {
  return createBearerReader(given)(authorization, {}, nowMs)
}
