import t, { type Test } from 'tap'
import type { SessionSource } from '../../src/session/port.ts'
import { startBackend } from '../helper/backend.ts'
import { signUp, startGateway, type Reply, type Running } from '../helper/gateway.ts'
import { bearerOf, setCookies, sql } from './calls.ts'

/** A gateway whose session store is there until `store.down`. */
async function startFragile(t: Test): Promise<Running & { readonly store: { down: boolean } }> {
  const store = { down: false }
  const answer = <T>(ask: () => Promise<T>): Promise<T> =>
    store.down ? Promise.reject(new Error('the database is away')) : ask()
  const wrapSource = (source: SessionSource): SessionSource => ({
    findByToken: (token) => answer(() => source.findByToken(token)),
    findById: (id) => answer(() => source.findById(id)),
    refresh: (cookies) => answer(() => source.refresh(cookies)),
  })
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, wrapSource })
  return { ...gateway, store }
}

function isOutage(t: Test, reply: Reply, what: string): void {
  t.equal(reply.status, 503, what)
  t.match(reply.json(), { code: 'session_store_unavailable', action: 'retry' }, what)
  t.match(reply.headers['retry-after'], /^[1-9]\d*$/, what)
  t.same(setCookies(reply), [], `${what}: nobody is logged out`)
  t.notOk(reply.headers['www-authenticate'], what)
}

t.test('while the store is away nobody is told to log in', async (t) => {
  const gateway = await startFragile(t)
  const { cookie } = await signUp(gateway)
  const authorization = await bearerOf(gateway, cookie)
  gateway.clock.offsetMs = 31_000
  gateway.store.down = true
  for (const path of ['/api/x', '/maybe/x']) {
    isOutage(t, await gateway.request(path, { headers: { cookie } }), `${path} by cookie`)
    isOutage(t, await gateway.request(path, { headers: { authorization } }), `${path} by bearer`)
  }
  isOutage(t, await gateway.request('/_gateway/session', { headers: { cookie } }), 'session')
  const token = await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  isOutage(t, token, 'token')
})

t.test('a person is shown a page that says so, not the login page', async (t) => {
  const gateway = await startFragile(t)
  const { cookie } = await signUp(gateway)
  gateway.store.down = true
  const headers = { cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate' }
  const reply = await gateway.request('/api/x', { headers })
  t.equal(reply.status, 503)
  t.match(reply.headers['content-type'], /^text\/html/)
  t.match(reply.text, /session_store_unavailable/)
  t.same(setCookies(reply), [])
})

t.test('sessions that are cached, and what needs none, go on', async (t) => {
  const gateway = await startFragile(t)
  const { cookie } = await signUp(gateway)
  t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
  gateway.store.down = true
  t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
  t.equal((await gateway.request('/open/x', { headers: { cookie } })).status, 200)
  t.equal((await gateway.request('/maybe/x')).status, 200)
  t.equal((await gateway.request('/api/x')).json()['code'], 'credential_missing')
  const forged = await gateway.request('/api/x', { headers: { cookie: `${cookie}x` } })
  t.equal(forged.json()['code'], 'session_invalid', 'a forgery is known without the store')
})

t.test('when the store is back, so is everybody, without a restart', async (t) => {
  const gateway = await startFragile(t)
  const { cookie } = await signUp(gateway)
  gateway.store.down = true
  isOutage(t, await gateway.request('/api/x', { headers: { cookie } }), 'away')
  gateway.store.down = false
  t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
})

t.test('a table that is gone is an outage too, for us and for Better Auth', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  sql(gateway, 'ALTER TABLE session RENAME TO elsewhere')
  isOutage(t, await gateway.request('/api/x', { headers: { cookie } }), '/api/x')
  const own = await gateway.request('/api/auth/get-session', { headers: { cookie } })
  t.ok(own.status >= 500, `${own.status} ${own.text}`)
  t.same(setCookies(own), [])
  sql(gateway, 'ALTER TABLE elsewhere RENAME TO session')
  t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
  const again = await gateway.request('/api/auth/get-session', { headers: { cookie } })
  t.match(again.json(), { session: {}, user: {} })
})
