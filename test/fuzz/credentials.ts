import { createBearerReader } from '../../src/authn/bearer/reader.ts'
import { clockSkewSeconds } from '../../src/authn/bearer/claims.ts'
import { createCookieReader } from '../../src/authn/cookie.ts'
import { createTokenVerifier } from '../../src/authn/bearer/hs256.ts'
import type { Session } from '../../src/authn/principal.ts'
import type { Sessions } from '../../src/authn/sessions.ts'
import { createHs256, digest } from '../../src/crypto/hs256.ts'
import { systemClock } from '../../src/clock.ts'
import { createIssuedTokenVerifier } from '../../src/authn/bearer/issuers.ts'
import { KeySet } from '../../src/issuers/key-set.ts'
import { createLogger } from '../../src/ops/log.ts'
import { makeKeyPair, signWith } from '../helper/issuer.ts'
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
    externalId: null,
    fields: {},
  },
}

const name = { issuer: 'https://issuer.test', audience: 'api' }
const key = await makeKeyPair('key-1')
const keys = new KeySet({
  issuer: { url: 'https://issuer.test/jwks', algorithms: ['EdDSA'] },
  fetch: () => Promise.resolve({ keys: [key.jwk] }),
  clock: systemClock,
  logger: createLogger('silent'),
})
const { verifyBase64: verifySignature } = createHs256(authSecret)
const rules = {
  userClaim: 'sub',
  rolesClaim: null,
  scopesClaim: null,
  issuer: null,
  audience: null,
  maxLifetime: 86_400,
  clockSkew: clockSkewSeconds,
}
const issuer = { rules: { ...rules, ...name }, algorithms: ['EdDSA'], keys, sessions: false }

const readBearer = createBearerReader({
  sessions,
  sessionTokens: { sessions, verifySignature, digest },
  verifyIssued: createIssuedTokenVerifier({ issuers: [issuer], digest }),
  verify: createTokenVerifier({ verifiers: [createHs256(jwtSecret).verify], digest }),
  rules,
})
const readCookie = createCookieReader({
  cookieName,
  sessions,
  verifySignature,
  digest,
})

async function accountsNow(): Promise<readonly Account[]> {
  const bearer = mint(goodClaims({ sub: 'script-1', exp: Math.floor(Date.now() / 1000) + 3600 }))
  const cookie = signCookie(token)
  const proof = decodeURIComponent(cookie)
  const exp = Math.floor(Date.now() / 1000) + 3600
  const issued = await signWith(key, name, { claims: { sub: 'issued-1', exp } })
  return [
    { userId: 'script-1', line: `Authorization: Bearer ${bearer}`, proof: bearer },
    {
      userId: 'user-1',
      line: `Cookie: ${cookieName}=${cookie}`,
      proof,
    },
    { userId: 'user-1', line: `Authorization: Bearer ${proof}`, proof },
    { userId: 'issued-1', line: `Authorization: Bearer ${issued}`, proof: issued },
  ]
}

/** Gives credentials that prove nothing straight to the readers: sentences about those that were believed. */
export async function fuzzReaders(random: Random, count: number): Promise<readonly string[]> {
  const accounts = await accountsNow()
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
