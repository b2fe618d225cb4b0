import t, { type Test } from 'tap'
import { origin, signUp, type Running } from '../../helper/gateway.ts'
import { call, signIn, sql } from '../../session/calls.ts'
import { ask, signUpAdmin } from '../access/people.ts'
import { connect } from '../websocket/client.ts'
import { closeOf, startSocketBackend } from '../websocket/backend.ts'
import { until } from '../sse/fastapi.ts'
import { always, extend, listen, start } from './feed.ts'

const dayMs = 86_400_000
const mayDelete = `import { admin } from 'better-auth/plugins'
  export default { plugins: [admin()], user: { deleteUser: { enabled: true } } }`

/** Two sessions of one user, and a bystander who goes on. */
async function people(t: Test, gateway: Running) {
  const { id, email, cookie } = await signUp(gateway)
  const other = await signIn(gateway, email)
  const bob = await signUp(gateway, 'bob@example.com')
  const bobs = await listen(t, gateway, bob.cookie)
  const goesOn = async (): Promise<void> => {
    await ask(gateway, '/update-user', bob.cookie, { name: 'Robert' })
    t.match(await bobs.nth(2), { data: { user: { name: 'Robert' } } })
  }
  return { id, cookie, other, goesOn }
}

t.test('who signs out in one tab is told in the others, and why', async (t) => {
  const gateway = await start(t)
  const { cookie, other, goesOn } = await people(t, gateway)
  const feed = await listen(t, gateway, cookie, [`Referer: ${origin}/todos?page=2`])
  const elsewhere = await listen(t, gateway, other)
  await ask(gateway, '/sign-out', cookie, {})
  const [, requestId] = /x-request-id: (\S+)/.exec(feed.wire.text()) ?? []
  t.strictSame(await feed.last(), {
    name: 'sallyport',
    retry: null,
    data: {
      type: 'https://sallyport.dev/problems/session_revoked',
      title: 'Session revoked',
      status: 401,
      detail: 'Your session was ended. Sign in again.',
      code: 'session_revoked',
      action: 'login',
      login: '/_gateway/login?return_to=%2Ftodos%3Fpage%3D2',
      requestId,
    },
  })
  t.equal(feed.events().length, 2)
  await ask(gateway, '/update-user', other, { name: 'Grace' })
  t.match(await elsewhere.nth(2), { data: { user: { name: 'Grace' } } }, 'another device goes on')
  await goesOn()
})

t.test('a session that its user ends elsewhere, and all that an administrator ends', async (t) => {
  const gateway = await start(t)
  const root = await signUpAdmin(gateway)
  const { id, cookie, other, goesOn } = await people(t, gateway)
  const feed = await listen(t, gateway, other)
  await ask(gateway, '/revoke-other-sessions', cookie, {})
  t.match(await feed.last(), { name: 'sallyport', data: { code: 'session_revoked' } })
  const own = await listen(t, gateway, cookie)
  await ask(gateway, '/admin/revoke-user-sessions', root.cookie, { userId: id })
  t.match(await own.last(), { name: 'sallyport', data: { code: 'session_revoked' } })
  await goesOn()
})

t.test('a ban and a deletion end it', async (t) => {
  const gateway = await start(t, { files: { 'auth.ts': mayDelete } })
  const root = await signUpAdmin(gateway)
  const { id, cookie, goesOn } = await people(t, gateway)
  const feed = await listen(t, gateway, cookie)
  await ask(gateway, '/admin/ban-user', root.cookie, { userId: id })
  // The user is banned first, and then the sessions are ended: either may be seen.
  t.match((await feed.last()).data['code'], /^(?:user_banned|session_revoked)$/)

  const carl = await signUp(gateway, 'carl@example.com')
  const carls = await listen(t, gateway, carl.cookie)
  const password = 'correct horse battery staple'
  const reply = await call(gateway, '/delete-user', { cookie: carl.cookie, body: { password } })
  t.equal(reply.status, 200)
  t.match((await carls.last()).data, { code: 'session_revoked', action: 'login' })
  await goesOn()
})

t.test('it ends with its session, by the clock, and not while that is extended', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const feed = await listen(t, gateway, cookie)
  const later = new Date(Date.now() + 10 * dayMs).toISOString()
  // Nobody tells: it is asked after when it would have expired.
  sql(gateway, 'UPDATE session SET expiresAt = ?', later)
  gateway.clock.offsetMs = 8 * dayMs
  t.match(await feed.nth(2), { name: 'session', data: { expiresAt: later } })
  gateway.clock.offsetMs = 11 * dayMs
  t.match(await feed.last(), {
    name: 'sallyport',
    data: { code: 'session_expired', action: 'login', login: '/_gateway/login' },
  })
})

t.test('a gateway that goes says so, and when to come back', async (t) => {
  const gateway = await start(t, { shutdown: 'grace: 20s' })
  const { cookie } = await signUp(gateway)
  const feed = await listen(t, gateway, cookie)
  const before = performance.now()
  const closed = gateway.gateway.close()
  const { name, data, retry } = await feed.last()
  t.match({ name, data }, { name: 'sallyport', data: { code: 'shutting_down', action: 'retry' } })
  t.ok(Number(retry) >= 1000 && Number(retry) <= 3000, String(retry))
  await closed
  t.ok(performance.now() - before < 10_000, 'nothing waits for it')
})

t.test('a reload leaves it alone', async (t) => {
  const gateway = await start(t, always)
  const { cookie } = await signUp(gateway)
  const feed = await listen(t, gateway, cookie)
  gateway.reload({
    routes: '\n  - { name: one, match: { path: /one }, upstream: api }',
    yaml: 'identity: { token: none }',
  })
  t.equal((await gateway.request('/api/x')).status, 404, 'it is in force')
  await extend(gateway, cookie)
  t.match(await feed.nth(2), { name: 'session' })
  await ask(gateway, '/sign-out', cookie, {})
  t.match(await feed.last(), { data: { code: 'session_revoked' } })
})

t.test('an outage ends neither it nor what else the session holds open', async (t) => {
  const backend = await startSocketBackend(t)
  const routes = '\n  - { name: live, match: { path: /live/* }, upstream: api, websocket: true }'
  let isDown = false
  let failures = 0
  const gateway = await start(t, {
    ...always,
    routes,
    upstream: backend.url,
    wrapSource: (source) => ({
      ...source,
      findById: (id) => {
        if (!isDown) return source.findById(id)
        failures += 1
        return Promise.reject(new Error('database is locked'))
      },
    }),
  })
  const { cookie } = await signUp(gateway)
  const feed = await listen(t, gateway, cookie)
  const socket = await connect(t, gateway, '/live/x', { headers: { cookie, origin } })
  isDown = true
  await extend(gateway, cookie)
  // Longer than it may stay unknown whether a session still lives.
  gateway.clock.offsetMs = 60_000
  const before = failures
  await until(() => failures >= before + 2 || socket.readyState !== socket.OPEN)
  t.equal(socket.readyState, socket.OPEN)
  t.equal(feed.events().length, 1)
  isDown = false
  t.match(await feed.nth(2), { name: 'session' }, 'what was missed is told afterwards')
  const ended = closeOf(socket)
  await ask(gateway, '/sign-out', cookie, {})
  t.strictSame(await ended, { code: 3000, reason: 'session_revoked' })
})
