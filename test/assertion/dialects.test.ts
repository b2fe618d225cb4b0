import t from 'tap'
import type { Principal } from '../../src/authn/principal.ts'
import type { TokenConfig } from '../../src/config/types.ts'
import { asserterOf, principalOf, sessionOf, tokenIn, tokenOf, user } from './made-up.ts'

const header = { alg: 'HS256', typ: 'sallyport+jwt' }

function tokenFor(
  more: Partial<TokenConfig>,
  principal: Principal = principalOf(sessionOf()),
): ReturnType<typeof tokenIn> {
  return tokenIn(asserterOf({ token: tokenOf(more) })(principal, 1_000_000))
}

t.test('default: subject, times and session, without an audience', async (t) => {
  const { scheme, ...token } = tokenFor({})
  t.equal(scheme, 'Bearer')
  t.strictSame(token.header, header)
  t.strictSame(token.claims, { sub: 'user-1', exp: 1060, iat: 970, sid: 'session-1' })
})

t.test('fastapi-users: the audience of its JWTStrategy, as a list', async (t) => {
  const { scheme, ...token } = tokenFor({ profile: 'fastapi-users' })
  t.equal(scheme, 'Bearer')
  t.strictSame(token.header, header)
  t.strictSame(token.claims, {
    sub: 'user-1',
    exp: 1060,
    aud: ['fastapi-users:auth'],
    iat: 970,
    sid: 'session-1',
  })
})

t.test('realworld: scheme Token, who it is in `username`, what it is for in `sub`', async (t) => {
  const { scheme, ...token } = tokenFor({ profile: 'realworld', subject: 'user.externalId' })
  t.equal(scheme, 'Token')
  t.strictSame(token.header, header)
  t.strictSame(token.claims, {
    sub: 'access',
    username: '17',
    exp: 1060,
    iat: 970,
    sid: 'session-1',
  })
})

t.test('custom: everything is as the operator says, but the mark of an assertion', async (t) => {
  const { scheme, ...token } = tokenFor({
    profile: 'custom',
    scheme: 'JWT',
    subject: 'user.email',
    subjectClaim: 'email',
    issuer: 'https://app.example.com',
    audience: 'api',
    standardClaims: ['nbf', 'jti'],
    constants: { sub: 'access', fresh: true, roles: ['user'] },
    claims: [
      { name: 'user_id', source: 'user.externalId', as: 'integer' },
      { name: 'groups', source: 'user.role', as: 'list' },
      { name: 'picture', source: 'user.image', as: 'text' },
      { name: 'tenant', source: 'user.tenant', as: 'text' },
    ],
  })
  t.equal(scheme, 'JWT')
  t.strictSame(token.header, header)
  t.strictSame(token.claims, {
    sub: 'access',
    fresh: true,
    roles: ['user'],
    user_id: 17,
    groups: ['admin'],
    tenant: 'acme',
    email: 'ada@example.com',
    exp: 1060,
    iss: 'https://app.example.com',
    aud: 'api',
    nbf: 970,
    jti: 'token-1',
  })
})

t.test('custom without standard claims has a subject and an end, nothing else', async (t) => {
  const { claims } = tokenFor({ profile: 'custom', standardClaims: [] })
  t.strictSame(claims, { sub: 'user-1', exp: 1060 })
})

t.test('what is no integer is left out rather than written as a text', async (t) => {
  const claims = [{ name: 'user_id', source: 'user.externalId', as: 'integer' }] as const
  for (const [externalId, expected] of [
    ['17', 17],
    ['-3', -3],
    ['0', 0],
    ['007', undefined],
    ['1e3', undefined],
    ['17 ', undefined],
    ['9007199254740993', undefined],
    ['550e8400-e29b-41d4-a716-446655440000', undefined],
  ] as const) {
    const token = tokenFor({ claims }, principalOf(sessionOf({ externalId })))
    t.equal((token.claims as Record<string, unknown>)['user_id'], expected, externalId)
  }
})

t.test('several roles are a list without blanks and empty items', async (t) => {
  const claims = [{ name: 'roles', source: 'user.role', as: 'list' }] as const
  const roles = (role: string | null): unknown =>
    tokenFor({ claims }, principalOf(sessionOf({ role }))).claims
  t.match(roles('admin, editor,'), { roles: ['admin', 'editor'] })
  t.notOk(Object.hasOwn(roles(null) as object, 'roles'))
})

t.test('an administrator who acts in the name of a user is told, in every dialect', async (t) => {
  const session = { ...sessionOf(), impersonatedBy: 'admin-1' }
  for (const profile of ['default', 'fastapi-users', 'realworld', 'custom'] as const) {
    const { claims } = tokenFor({ profile, standardClaims: [] }, principalOf(session))
    t.match(claims, { act: { sub: 'admin-1' } }, profile)
  }
})

const key: Principal = { kind: 'apiKey', userId: 'user-1', keyId: 'key-1', user, scopes: [] }
const upgraded: Principal = {
  kind: 'bearer',
  userId: 'user-1',
  expiresAt: 2000,
  passesOn: false,
  roles: [],
  scopes: [],
  user: null,
}

t.test(
  'API keys and upgraded tokens have a subject, their own scopes, and no session',
  async (t) => {
    const scopes = ['items:read', 'items:write']
    for (const principal of [
      { ...key, scopes },
      { ...upgraded, scopes },
    ]) {
      t.strictSame(tokenFor({}, principal).claims, {
        sub: 'user-1',
        exp: 1060,
        iat: 970,
        scope: 'items:read items:write',
      })
    }
  },
)

t.test(
  'a configured scope is for sessions: no key is given what it was not made for',
  async (t) => {
    const constants = { scope: 'me items' }
    t.match(tokenFor({ constants }).claims, { scope: 'me items' })
    for (const principal of [key, upgraded]) {
      const { claims } = tokenFor({ constants }, principal)
      t.notOk(Object.hasOwn(claims as object, 'scope'), principal.kind)
      const limited = tokenFor({ constants }, { ...principal, scopes: ['me'] })
      t.match(limited.claims, { scope: 'me' }, principal.kind)
    }
  },
)
