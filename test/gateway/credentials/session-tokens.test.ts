import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { goodClaims, jwtSecret, mint, signCookie } from '../../helper/token.ts'
import { call, outcome, sql } from '../../session/calls.ts'
import { startAuthServer } from '../../session/remote/server.ts'

async function start(t: Test, bearer = 'sessionTokens: true'): Promise<Running> {
  const backend = await startBackend(t)
  return startGateway(t, { upstream: backend.url, yaml: `bearer: { ${bearer} }` })
}

/** The value of the session cookie: token and signature, percent-encoded. */
function valueOf(cookie: string): string {
  return cookie.slice(cookie.indexOf('=') + 1)
}

t.test('a signed session token is its session, and dies with it', async (t) => {
  const gateway = await start(t)
  const { id, cookie } = await signUp(gateway)
  const value = valueOf(cookie)
  for (const credential of [value, decodeURIComponent(value)]) {
    const authorization = `Bearer ${credential}`
    const reply = await gateway.request('/api/x', { headers: { authorization } })
    const headers = reply.json()['headers'] as Record<string, string>
    t.equal(headers['x-user-id'], id)
    t.match(headers['authorization'], /^Bearer ey/)
    t.notMatch(reply.text, value, 'it is replaced')
  }
  await call(gateway, '/sign-out', { cookie })
  const authorization = `Bearer ${value}`
  const reply = await gateway.request('/api/x', { headers: { authorization } })
  t.match(reply.json(), { code: 'session_revoked' })
  t.notOk(reply.headers['set-cookie'], 'there is no cookie to clear')
  t.equal((await gateway.request('/maybe/x', { headers: { authorization } })).status, 401)
})

// Better Auth tells the tokens of all of a user's sessions to every page that asks for the list.
t.test('the token without its signature is nothing', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const [row] = sql(gateway, 'SELECT token FROM session')
  const token = String(row?.['token'])
  t.ok(decodeURIComponent(valueOf(cookie)).startsWith(`${token}.`))
  t.equal(await outcome(gateway, { authorization: `Bearer ${token}` }), 'token_invalid')
  t.equal(await outcome(gateway, { authorization: `Bearer ${token}.` }), 'token_invalid')
})

t.test('where they are not accepted a signed one is nothing either', async (t) => {
  const gateway = await start(t, 'sessionTokens: false')
  const { cookie } = await signUp(gateway)
  t.equal(await outcome(gateway, { authorization: `Bearer ${valueOf(cookie)}` }), 'token_invalid')
})

t.test('with requireUser a foreign token names somebody who is there', async (t) => {
  const gateway = await start(t, 'requireUser: true')
  const { id } = await signUp(gateway)
  const ask = (sub: string): Promise<number | string> =>
    outcome(gateway, { authorization: `Bearer ${mint(goodClaims({ sub }))}` })
  t.equal(await ask('script-1'), 'token_invalid')
  t.equal(await ask(id), 200)
  const reply = await gateway.request('/api/x', {
    headers: { authorization: `Bearer ${mint(goodClaims({ sub: id }))}` },
  })
  const headers = reply.json()['headers'] as Record<string, string>
  t.equal(headers['x-user-id'], id)
  sql(gateway, 'DELETE FROM user WHERE id = ?', id)
  gateway.clock.offsetMs = 30_001
  t.equal(await ask(id), 'token_invalid')
})

t.test('with requireUser a ban and a deletion count at once', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, module: ./auth.ts',
    yaml: 'bearer: { requireUser: true }',
    files: {
      'auth.ts': `import { admin } from 'better-auth/plugins'
        export default { plugins: [admin()] }`,
    },
  })
  const root = await signUp(gateway, 'root@example.com')
  sql(gateway, "UPDATE user SET role = 'admin' WHERE id = ?", root.id)
  const { id: userId } = await signUp(gateway)
  // Issued after whatever happens here: what was issued before would be refused for that alone.
  const ask = (): Promise<number | string> => {
    const iat = Math.floor(Date.now() / 1000) + 20
    return outcome(gateway, { authorization: `Bearer ${mint(goodClaims({ sub: userId, iat }))}` })
  }
  t.equal(await ask(), 200)
  await call(gateway, '/admin/ban-user', { cookie: root.cookie, body: { userId } })
  t.equal(await ask(), 'user_banned')
  await call(gateway, '/admin/unban-user', { cookie: root.cookie, body: { userId } })
  t.equal(await ask(), 200)
  await call(gateway, '/admin/remove-user', { cookie: root.cookie, body: { userId } })
  t.not(await ask(), 200)
})

t.test('a signed session token of a Better Auth elsewhere is its session too', async (t) => {
  const remote = await startAuthServer(t)
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: `mode: remote, url: "${remote.url}", secret: "\${BETTER_AUTH_SECRET}"`,
    yaml: 'bearer: { sessionTokens: true }',
  })
  const { id, cookie } = await signUp(gateway)
  await remote.asked()
  const authorization = `Bearer ${decodeURIComponent(valueOf(cookie))}`
  t.equal(await outcome(gateway, { authorization }), 200)
  t.equal(backend.seen.at(-1)?.headers['x-user-id'], id)
  const forged = `Bearer ${signCookie('abcdefghijklmnopqrstuvwxyz012345', jwtSecret)}`
  t.equal(await outcome(gateway, { authorization: forged }), 'token_invalid')
  t.equal((await remote.asked()).length, 1, 'a forgery costs no look-up')
  await call(gateway, '/sign-out', { cookie })
  t.equal(await outcome(gateway, { authorization }), 'session_revoked')
})
