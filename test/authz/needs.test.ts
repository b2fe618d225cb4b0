import t from 'tap'
import type { Principal } from '../../src/authn/principal.ts'
import { judgeNeeds } from '../../src/authz/needs.ts'
import { asking, byCookie, byKey, byOwnToken, byToken, nowMs, user } from './principals.ts'

type Needs = Parameters<typeof asking>[0]

function code(
  principal: Principal,
  needs: Needs,
  accept: Parameters<typeof asking>[1] = null,
  owner: string | null = null,
): string | null {
  return judgeNeeds(principal, asking(needs, accept), { owner, nowMs })?.code ?? null
}

t.test('a route that asks for nothing lets everybody in who is somebody', async (t) => {
  const asked = { owner: null, nowMs }
  for (const principal of [byCookie(), byOwnToken(), byToken(), byKey()]) {
    t.equal(judgeNeeds(principal, { accept: null, needs: null }, asked), null)
  }
})

t.test('one of the roles is enough, of several in one text too', async (t) => {
  const roles = ['admin', 'support']
  const cases: readonly (readonly [string | null, string | null])[] = [
    ['admin', null],
    ['user,support', null],
    ['user, support ', null],
    ['user', 'role_missing'],
    [null, 'role_missing'],
    ['', 'role_missing'],
    ['administrator', 'role_missing'],
    ['Admin', 'role_missing'],
    ['admin support', 'role_missing'],
  ]
  for (const [role, expected] of cases) {
    t.equal(code(byCookie({ user: user({ role }) }), { roles }), expected, String(role))
    t.equal(code(byOwnToken({ user: user({ role }) }), { roles }), expected, String(role))
    t.equal(code(byKey([], { role }), { roles }), expected, String(role))
  }
})

t.test("a token has the roles that it was let have, never its user's", async (t) => {
  const roles = ['admin']
  t.equal(code(byToken({ roles: ['admin'] }), { roles }), null)
  t.equal(code(byToken({ roles: ['user'] }), { roles }), 'role_missing')
  t.equal(code(byToken({ user: user({ role: 'admin' }) }), { roles }), 'role_missing')
})

t.test('a token and a key need every scope, character by character', async (t) => {
  const scopes = ['items:read', 'items:write']
  const cases: readonly (readonly [readonly string[], string | null])[] = [
    [['items:write', 'items:read', 'more'], null],
    [['items:read'], 'scope_missing'],
    [[], 'scope_missing'],
    [['items:*', '*'], 'scope_missing'],
    [['items:read items:write'], 'scope_missing'],
    [['ITEMS:READ', 'items:write'], 'scope_missing'],
  ]
  for (const [held, expected] of cases) {
    t.equal(code(byToken({ scopes: held }), { scopes }), expected, held.join())
    t.equal(code(byKey(held), { scopes }), expected, held.join())
  }
})

t.test('a session has no scopes, and passes only where it is named', async (t) => {
  const needs = { scopes: ['items:write'] }
  for (const principal of [byCookie(), byOwnToken()]) {
    t.equal(code(principal, needs), 'scope_missing')
    t.equal(code(principal, needs, ['session', 'bearer']), null)
  }
  t.equal(code(byOwnToken(), needs, ['bearer', 'apiKey']), 'scope_missing')
  t.equal(code(byToken(), needs, ['session', 'bearer']), 'scope_missing', 'a foreign token is none')
})

t.test(
  'who lacks a scope is told which are needed, and challenged where a token was it',
  async (t) => {
    const route = asking({ scopes: ['a', 'b'] })
    const refusal = (principal: Principal) => judgeNeeds(principal, route, { owner: null, nowMs })
    t.match(refusal(byToken()), { scope: 'a b', tokenPresented: true })
    t.match(refusal(byOwnToken()), { scope: 'a b', tokenPresented: true })
    t.notOk(refusal(byKey())?.tokenPresented)
    t.notOk(refusal(byCookie())?.tokenPresented)
  },
)

t.test('the active organisation counts, with the role that the user has there now', async (t) => {
  const inside = (role: string): Principal => byCookie({ organization: { id: 'o1', role } })
  const anyone = { organization: { roles: null } }
  const owners = { organization: { roles: ['owner', 'admin'] } }
  t.equal(code(inside('member'), anyone), null)
  t.equal(code(byCookie(), anyone), 'organization_missing')
  t.equal(code(byCookie(), owners), 'organization_missing')
  t.equal(code(inside('member'), owners), 'role_missing')
  t.equal(code(inside('member,admin'), owners), null)
  t.equal(code(inside(''), owners), 'role_missing')
  for (const principal of [byToken({ roles: ['owner'] }), byKey()]) {
    t.equal(code(principal, anyone), 'organization_missing')
  }
  const elsewhere = byCookie({ user: user({ role: 'owner' }) })
  t.equal(code(elsewhere, owners), 'organization_missing', 'a role of the whole site is none here')
})

t.test('the owner is the user themselves, character by character', async (t) => {
  const needs = { owner: 'user_id' }
  t.equal(code(byCookie(), needs, null, 'ada'), null)
  t.equal(code(byToken(), needs, null, 'ada'), null)
  for (const owner of [null, '', 'Ada', 'ada ', 'bob', 'ada/', '%61da', 'ada\u0000', 'аda']) {
    t.equal(code(byCookie(), needs, null, owner), 'not_owner', JSON.stringify(owner))
  }
})

t.test('only a user whose address is verified is', async (t) => {
  const needs = { emailVerified: true }
  t.equal(code(byCookie(), needs), null)
  t.equal(code(byCookie({ user: user({ emailVerified: false }) }), needs), 'email_not_verified')
  t.equal(code(byKey([], { emailVerified: false }), needs), 'email_not_verified')
  t.equal(code(byToken(), needs), 'email_not_verified', 'no user is known')
  t.equal(code(byToken({ user: user() }), needs), null)
})

t.test('only a session of lately is fresh', async (t) => {
  const needs = { freshMs: 900_000 }
  const begun = (agoMs: number): Principal => byCookie({ createdAtMs: nowMs - agoMs })
  t.equal(code(begun(0), needs), null)
  t.equal(code(begun(900_000), needs), null)
  t.equal(code(begun(900_001), needs), 'session_not_fresh')
  t.equal(code(byOwnToken({ createdAtMs: nowMs }), needs), null)
  t.equal(code(byCookie({ createdAtMs: NaN }), needs), 'session_not_fresh')
  for (const principal of [byToken(), byKey()]) t.equal(code(principal, needs), 'session_not_fresh')
  const impersonated = byCookie({ createdAtMs: nowMs, impersonatedBy: 'root' })
  t.equal(code(impersonated, needs), 'session_not_fresh')
})

t.test('what signing in again does not mend is said first', async (t) => {
  const stale = byCookie({ createdAtMs: 0, user: user({ emailVerified: false }) })
  const all = { freshMs: 1, emailVerified: true, owner: 'id', roles: ['admin'] }
  t.equal(code(stale, all), 'role_missing')
  t.equal(code(stale, { ...all, roles: null }), 'not_owner')
  t.equal(code(stale, { ...all, roles: null }, null, 'ada'), 'email_not_verified')
  t.equal(code(stale, { freshMs: 1 }), 'session_not_fresh')
  t.equal(code(stale, all, ['apiKey']), 'token_not_accepted')
})
