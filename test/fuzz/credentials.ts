import { createBearerReader } from '../../src/authn/bearer.ts'
import { clockSkewSeconds } from '../../src/authn/claims.ts'
import { createCookieReader } from '../../src/authn/cookie.ts'
import { createTokenVerifier } from '../../src/authn/jwt.ts'
import type { Session } from '../../src/authn/principal.ts'
import type { Sessions } from '../../src/authn/sessions.ts'
import { createHs256, digest } from '../../src/crypto/hs256.ts'
import { authSecret, goodClaims, jwtSecret, mint, signCookie } from '../helper/token.ts'
import { proves, spoil, type Account } from './input/accounts.ts'
import { mutate } from './input/mutate.ts'
import type { Random } from './input/random.ts'

const token = 'a-session-token-for-the-readers'
const cookieName = 'better-auth.session_token'

const sessions: Sessions = {
  peek: () => undefined,
  findByToken: (_key, given) => Promise.resolve(given === token ? session : null),
  findById: () => Promise.resolve(null),
  wasRevoked: () => false,
}
const session: Session = {
  id: 's1',
  expiresAtMs: Infinity,
  refreshAtMs: Infinity,
  createdAtMs: 0,
  impersonatedBy: null,
  organization: null,
  user: {
    id: 'user-1',
    email: '',
    emailVerified: false,
    name: '',
    image: null,
    role: null,
    banned: false,
  },
}

const readBearer = createBearerReader({
  sessions,
  verify: createTokenVerifier({ verifiers: [createHs256(jwtSecret).verify], digest }),
  rules: {
    userClaim: 'sub',
    issuer: null,
    audience: null,
    maxLifetime: 86_400,
    clockSkew: clockSkewSeconds,
  },
})
const readCookie = createCookieReader({
  cookieName,
  sessions,
  verifySignature: createHs256(authSecret).verifyBase64,
  digest,
})

function accountsNow(): readonly Account[] {
  const bearer = mint(goodClaims({ sub: 'script-1', exp: Math.floor(Date.now() / 1000) + 3600 }))
  const cookie = signCookie(token)
  return [
    { userId: 'script-1', line: `Authorization: Bearer ${bearer}`, proof: bearer },
    {
      userId: 'user-1',
      line: `Cookie: ${cookieName}=${cookie}`,
      proof: decodeURIComponent(cookie),
    },
  ]
}

/** Gives credentials that prove nothing straight to the readers: sentences about those that were believed. */
export async function fuzzReaders(random: Random, count: number): Promise<readonly string[]> {
  const accounts = accountsNow()
  const lines = accounts.map(({ line }) => line)
  const wrong: string[] = []
  for (let index = 0; index < count; index += 1) {
    const spoiled = random.chance(0.5)
      ? spoil(random, accounts)
      : mutate(random, random.pick(lines), lines)
    const value = spoiled.slice(spoiled.indexOf(': ') + 2)
    // Something may still be proven: a byte was changed that does not belong to the proof.
    const known = accounts.filter((account) => proves(account, value))
    for (const outcome of [await readBearer(value, {}, Date.now()), await readCookie(value, {})]) {
      if (outcome.answer !== 'authenticated') continue
      const { userId } = outcome.principal
      if (known.some((account) => account.userId === userId)) continue
      wrong.push(`${userId} was believed: ${JSON.stringify(value)}`)
    }
  }
  return wrong
}
