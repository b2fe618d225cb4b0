import t from 'tap'
import { profiles } from '../../src/assertion/profiles.ts'
import { clientToken, upstreamToken } from '../../src/assertion/script-token.ts'
import type { BearerConfig, IdentityConfig, TokenConfig } from '../../src/config/types.ts'

const bearer: BearerConfig = {
  secrets: ['m4Xc8bZr2Kq9Wt7Lf3Vn6Jh1Pd5Gs0Y-bearer'],
  ttlMs: 60_000,
  maxLifetimeMs: 3_600_000,
  userClaim: 'sub',
  rolesClaim: null,
  scopesClaim: null,
  issuer: null,
  audience: null,
  requireUser: false,
  jwks: [],
  sessionTokens: false,
  apiKeys: false,
}
const token: TokenConfig = {
  ...profiles.default,
  profile: 'default',
  ttlMs: 60_000,
  subject: 'user.id',
  claims: [{ name: 'email', source: 'user.email', as: 'text' }],
}
const identity: IdentityConfig = { headers: [], token }
const times = { nowMs: 1_000_000_500, clockSkew: 30 }
const wanted = { userId: 'ada', ttlMs: 600_000, claims: {} }
const now = 1_000_000

t.test(
  'a token for scripts says who and for how long, and nothing that nobody asked for',
  async (t) => {
    t.strictSame(clientToken(wanted, { bearer, identity }, times), {
      type: 'JWT',
      claims: { sub: 'ada', iat: now - 30, exp: now + 600 },
    })
  },
)

t.test('it says what the gateway and FastAPI ask for, both', async (t) => {
  const asked = { ...bearer, userClaim: 'uid', issuer: 'https://scripts.test', audience: 'api' }
  const dialect = { ...identity, token: { ...token, ...profiles['fastapi-users'] } }
  const { claims } = clientToken(wanted, { bearer: asked, identity: dialect }, times)
  t.match(claims, { sub: 'ada', uid: 'ada', iss: 'https://scripts.test' })
  t.strictSame(claims['aud'], ['fastapi-users:auth', 'api'])
  const alone = clientToken(wanted, { bearer: asked, identity }, times)
  t.equal(alone.claims['aud'], 'api')
  const without = clientToken(wanted, { bearer, identity: { headers: [], token: null } }, times)
  t.equal(without.claims['sub'], 'ada')
})

t.test('its lifetime, from iat on, is bearer.maxLifetime at most', async (t) => {
  const short = { ...bearer, maxLifetimeMs: 120_000 }
  const { claims } = clientToken(wanted, { bearer: short, identity }, times)
  t.equal(Number(claims['exp']) - Number(claims['iat']), 120)
})

t.test('no claim that is asked for replaces who was named, or until when', async (t) => {
  const greedy = { sub: 'eve', username: 'eve', exp: 9e9, iat: 1, level: 3 }
  const config = {
    bearer: { ...bearer, userClaim: 'username' },
    identity: { ...identity, token: { ...token, subjectClaim: 'sub' } },
  }
  const made = clientToken({ ...wanted, claims: greedy }, config, times)
  t.strictSame(made.claims, {
    sub: 'ada',
    username: 'ada',
    level: 3,
    iat: now - 30,
    exp: now + 600,
  })
  const upstream = upstreamToken({ ...wanted, claims: greedy }, config, {
    ...times,
    newId: () => '',
  })
  t.match(upstream?.claims, { sub: 'ada', exp: now + 600, iat: now - 30 })
})

t.test('a token for FastAPI alone is the assertion that it would get', async (t) => {
  const made = upstreamToken(wanted, { identity }, { ...times, newId: () => 'id' })
  t.match(made, { type: 'sallyport+jwt', claims: { sub: 'ada', exp: now + 600, iat: now - 30 } })
  const none = { headers: [], token: null }
  t.equal(upstreamToken(wanted, { identity: none }, { ...times, newId: () => 'id' }), null)
})
