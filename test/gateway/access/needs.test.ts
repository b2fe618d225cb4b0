import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { bearerOf, sql } from '../../session/calls.ts'
import { ask, outcome, signUpAdmin, startAccess } from './people.ts'

const foreign = (): string => `Bearer ${mint(goodClaims({ sub: 'script-7' }))}`

t.test('a route takes the kinds of credentials that it names, and no other instead', async (t) => {
  const { gateway, backend } = await startAccess(
    t,
    `
  - { match: { path: /cookies }, upstream: api, auth: { accept: [session] } }
  - { match: { path: /tokens }, upstream: api, auth: { accept: [bearer] } }
  - { match: { path: /maybe }, upstream: api, auth: { mode: optional, accept: [bearer] } }`,
  )
  const { cookie } = await signUp(gateway)
  const own = await bearerOf(gateway, cookie)
  const cases: readonly (readonly [string, Record<string, string>, number | string])[] = [
    ['/cookies', { cookie }, 200],
    ['/cookies', { authorization: own }, 'token_not_accepted'],
    ['/cookies', { authorization: foreign(), cookie }, 'token_not_accepted'],
    ['/cookies', { authorization: 'Bearer nonsense', cookie }, 'token_not_accepted'],
    ['/cookies', {}, 'credential_missing'],
    ['/tokens', { authorization: own }, 200],
    ['/tokens', { authorization: foreign() }, 200],
    ['/tokens', { authorization: foreign(), cookie }, 200],
    ['/tokens', { cookie }, 'token_not_accepted'],
    ['/tokens', { cookie: `${cookie}x` }, 'token_not_accepted'],
    ['/tokens', { cookie: 'theme=dark' }, 'credential_missing'],
    ['/maybe', { cookie: 'theme=dark' }, 200],
    ['/maybe', { cookie }, 'token_not_accepted'],
  ]
  for (const [path, headers, expected] of cases) {
    t.equal(
      await outcome(gateway, path, headers),
      expected,
      `${path} ${Object.keys(headers).join()}`,
    )
  }
  t.equal(backend.seen.length, cases.filter(([, , expected]) => expected === 200).length)
  const refused = await gateway.request('/cookies', { headers: { authorization: own } })
  t.equal(refused.status, 401)
  t.match(refused.headers['www-authenticate'], /error="invalid_token"/)
  const cookieOnly = await gateway.request('/tokens', { headers: { cookie } })
  t.equal(cookieOnly.headers['www-authenticate'], 'Bearer realm="app.test"')
  t.notOk(cookieOnly.headers['set-cookie'], 'the session is good elsewhere')
})

t.test('a kind that is not accepted costs no look-up', async (t) => {
  let lookups = 0
  const { gateway } = await startAccess(
    t,
    `
  - { match: { path: /cookies }, upstream: api, auth: { accept: [session] } }
  - { match: { path: /tokens }, upstream: api, auth: { accept: [bearer] } }`,
    {
      wrapSource: (source) => ({
        ...source,
        findByToken: (...asked) => {
          lookups += 1
          return source.findByToken(...asked)
        },
        findById: (...asked) => {
          lookups += 1
          return source.findById(...asked)
        },
      }),
    },
  )
  const { cookie } = await signUp(gateway)
  const authorization = await bearerOf(gateway, cookie)
  // What has been looked at until now is forgotten.
  gateway.clock.offsetMs = 31_000
  lookups = 0
  t.equal(await outcome(gateway, '/cookies', { authorization }), 'token_not_accepted')
  t.equal(await outcome(gateway, '/tokens', { cookie }), 'token_not_accepted')
  t.equal(lookups, 0)
  t.equal(await outcome(gateway, '/cookies', { cookie }), 200)
  t.equal(lookups, 1)
})

t.test('a role that is given or taken counts on the next request', async (t) => {
  const { gateway } = await startAccess(
    t,
    `
  - { match: { path: /admin/* }, upstream: api, auth: { roles: [admin, support] } }`,
  )
  const root = await signUpAdmin(gateway)
  const ada = await signUp(gateway)
  const authorization = await bearerOf(gateway, ada.cookie)
  const both = async () => [
    await outcome(gateway, '/admin/x', { cookie: ada.cookie }),
    await outcome(gateway, '/admin/x', { authorization }),
  ]
  t.equal(await outcome(gateway, '/admin/x', { cookie: root.cookie }), 200)
  t.equal(await outcome(gateway, '/admin/x', { authorization: foreign() }), 'role_missing')
  t.strictSame(await both(), ['role_missing', 'role_missing'])
  const give = (role: unknown) =>
    ask(gateway, '/admin/set-role', root.cookie, { userId: ada.id, role })
  await give(['user', 'admin'])
  t.strictSame(await both(), [200, 200], 'one of several')
  await give('user')
  t.strictSame(await both(), ['role_missing', 'role_missing'])
  const reply = await gateway.request('/admin/x', { headers: { cookie: ada.cookie } })
  t.equal(reply.status, 403)
  t.match(reply.json(), { action: 'none' })
  t.notOk(reply.headers['www-authenticate'])
})

t.test('who lacks a scope is told which, and a session passes where it is named', async (t) => {
  const { gateway } = await startAccess(
    t,
    `
  - { match: { path: /ingest }, upstream: api, auth: { accept: [bearer], scopes: ["items:read", "items:write"] } }
  - { match: { path: /any }, upstream: api, auth: { scopes: ["items:write"] } }
  - { match: { path: /items }, upstream: api, auth: { accept: [session, bearer], scopes: ["items:write"] } }`,
  )
  const { cookie } = await signUp(gateway)
  const own = await bearerOf(gateway, cookie)
  const reply = await gateway.request('/ingest', { headers: { authorization: foreign() } })
  t.equal(reply.status, 403)
  t.match(reply.json(), { code: 'scope_missing', action: 'none' })
  t.match(
    reply.headers['www-authenticate'],
    /^Bearer realm="app.test", error="insufficient_scope", error_description="[^"]+", scope="items:read items:write"$/,
  )
  t.equal(await outcome(gateway, '/ingest', { authorization: own }), 'scope_missing')
  t.equal(await outcome(gateway, '/any', { cookie }), 'scope_missing')
  t.equal(await outcome(gateway, '/items', { cookie }), 200)
  t.equal(await outcome(gateway, '/items', { authorization: own }), 200)
  t.equal(await outcome(gateway, '/items', { authorization: foreign() }), 'scope_missing')
})

t.test('only a verified address gets in, as soon as it is verified', async (t) => {
  const { gateway } = await startAccess(
    t,
    `
  - { match: { path: /verified }, upstream: api, auth: { emailVerified: true } }`,
  )
  const { id, cookie } = await signUp(gateway)
  t.equal(await outcome(gateway, '/verified', { cookie }), 'email_not_verified')
  t.equal(await outcome(gateway, '/verified', { authorization: foreign() }), 'email_not_verified')
  sql(gateway, 'UPDATE user SET emailVerified = 1 WHERE id = ?', id)
  gateway.clock.offsetMs = 30_001
  t.equal(await outcome(gateway, '/verified', { cookie }), 200)
})

t.test('a ban refuses before anything that a route asks for, on every route', async (t) => {
  const { gateway } = await startAccess(
    t,
    `
  - { match: { path: /admin }, upstream: api, auth: { roles: [admin] } }
  - { match: { path: /maybe }, upstream: api, auth: optional }
  - { match: { path: "/users/{user_id}" }, upstream: api, auth: { owner: user_id } }`,
  )
  const { id, cookie } = await signUp(gateway)
  t.equal(await outcome(gateway, '/maybe', { cookie }), 200)
  sql(gateway, 'UPDATE user SET banned = 1 WHERE id = ?', id)
  t.equal(await outcome(gateway, '/maybe', { cookie }), 200, 'the cache does not know yet')
  gateway.clock.offsetMs = 30_001
  for (const path of ['/admin', '/maybe', `/users/${id}`]) {
    t.equal(await outcome(gateway, path, { cookie }), 'user_banned', path)
  }
})
