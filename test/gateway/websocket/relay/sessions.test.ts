import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { origin, signUp, startGateway } from '../../../helper/gateway.ts'
import { goodClaims, mint } from '../../../helper/token.ts'
import { sql } from '../../../session/calls.ts'
import { closeOf, startSocketBackend } from '../backend.ts'
import { begin, connect, nextMessage, refusalOf, routes, until } from '../client.ts'

const dayMs = 86_400_000

t.test('sign-out ends what the session opened, on both sides, and nothing else', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const ada = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  const headers = { cookie: ada.cookie, origin }
  const client = await connect(t, gateway, '/live/x', { headers })
  const arrived = await backend.arrival()
  const token = await gateway.request('/_gateway/token', { method: 'POST', headers })
  const authorization = `Bearer ${String(token.json()['access_token'])}`
  const second = await connect(t, gateway, '/live/x', { headers: { authorization } })
  const other = await connect(t, gateway, '/live/x', { headers: { cookie: bob.cookie, origin } })
  const ended = [closeOf(client), closeOf(second)]
  const started = performance.now()
  const reply = await gateway.request('/api/auth/sign-out', { method: 'POST', headers })
  t.equal(reply.status, 200)
  const revoked = { code: 3000, reason: 'session_revoked' }
  t.strictSame(await Promise.all(ended), [revoked, revoked])
  t.strictSame(await arrived.closed, revoked)
  t.ok(performance.now() - started < 1000)
  t.equal(other.readyState, other.OPEN)
})

t.test('a session that ends while FastAPI is asked does not get its answer', async (t) => {
  const asked = Promise.withResolvers<() => void>()
  const backend = await startSocketBackend(t, {
    onUpgrade: (_request, _socket, accept) => {
      asked.resolve(accept)
    },
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const { cookie } = await signUp(gateway)
  const headers = { cookie, origin }
  const ended = closeOf(begin(t, gateway, '/live/x', { headers }))
  await asked.promise
  await gateway.request('/api/auth/sign-out', { method: 'POST', headers })
  t.strictSame(await ended, { code: 3000, reason: 'session_revoked' })
  await until(() => backend.open() === 0)
})

t.test('at its expiry a session ends what it opened, unless it was extended', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const { cookie } = await signUp(gateway)
  const client = await connect(t, gateway, '/live/x', { headers: { cookie, origin } })
  const ended = closeOf(client)
  // As if it had been extended by another tab: it was good for seven days.
  const extended = new Date(Date.now() + 10 * dayMs).toISOString()
  sql(gateway, 'UPDATE session SET expiresAt = ?', extended)
  gateway.clock.offsetMs = 8 * dayMs
  await delay(700)
  t.equal(client.readyState, client.OPEN)
  gateway.clock.offsetMs = 11 * dayMs
  t.strictSame(await ended, { code: 3000, reason: 'session_expired' })
})

t.test('a foreign token ends what it opened when it expires', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const authorization = `Bearer ${mint(goodClaims())}`
  const client = await connect(t, gateway, '/live/x', { headers: { authorization } })
  const ended = closeOf(client)
  gateway.clock.offsetMs = 61_000
  t.strictSame(await ended, { code: 3000, reason: 'token_expired' })
})

t.test('an outage at the end of a session asks to come back, and signs nobody out', async (t) => {
  const backend = await startSocketBackend(t)
  let isAway = false
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    wrapSource: (source) => ({
      ...source,
      findByToken: (token) => source.findByToken(token),
      refresh: (cookie) => source.refresh(cookie),
      findById: (id) => (isAway ? Promise.reject(new Error('away')) : source.findById(id)),
    }),
  })
  const { cookie } = await signUp(gateway)
  const client = await connect(t, gateway, '/live/x', { headers: { cookie, origin } })
  const ended = closeOf(client)
  isAway = true
  gateway.clock.offsetMs = 8 * dayMs
  t.strictSame(await ended, { code: 1013, reason: 'session_store_unavailable' })
})

t.test('a gateway that goes says so to both sides, and goes in time', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/x')
  const [ended, arrived] = [closeOf(client), await backend.arrival()]
  const started = performance.now()
  await gateway.gateway.close()
  t.ok(performance.now() - started < 3000)
  t.strictSame(await ended, { code: 1001, reason: 'shutting_down' })
  t.strictSame(await arrived.closed, { code: 1001, reason: 'shutting_down' })
})

t.test('a reload leaves what is open alone, even where its upstream is no more', async (t) => {
  const [before, after] = [await startSocketBackend(t), await startSocketBackend(t)]
  const gateway = await startGateway(t, { upstream: before.url, routes })
  const client = await connect(t, gateway, '/open/x')
  gateway.reload({ upstream: after.url })
  const echo = nextMessage(client)
  client.send('still here')
  t.equal(await echo, 'still here')
  await connect(t, gateway, '/open/x')
  t.equal(after.open(), 1)
})

t.test('a client may have so many open and no more', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    server: 'limits: { streamsPerClient: 2 }',
  })
  const open = [await connect(t, gateway, '/open/x'), await connect(t, gateway, '/open/x')]
  t.match(await refusalOf(begin(t, gateway, '/open/x')), { status: 503, text: /"overloaded"/ })
  const headers = { 'x-forwarded-for': '203.0.113.7' }
  await connect(t, gateway, '/open/x', { headers })
  const [first] = open
  if (first !== undefined) {
    const closed = closeOf(first)
    first.close()
    await closed
  }
  await connect(t, gateway, '/open/x')
})
