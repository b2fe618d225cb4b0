import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type Reply, type Running } from '../../helper/gateway.ts'
import { setCookies } from '../calls.ts'
import { startAuthServer, type AuthServer, type ServerOptions } from './server.ts'

const dayMs = 86_400_000

interface Stage {
  readonly gateway: Running
  readonly remote: AuthServer
  readonly cookie: string
  /** Makes the session as old as this, as far as its sliding refresh is concerned. */
  readonly age: (ms: number) => Promise<void>
  readonly get: (headers?: Record<string, string>) => Promise<Reply>
  /** How often the remote was asked to extend it. */
  readonly refreshes: () => Promise<number>
}

async function start(t: Test, more: Partial<ServerOptions> = {}): Promise<Stage> {
  const backend = await startBackend(t)
  const remote = await startAuthServer(t, more)
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: backend.url, auth })
  const { cookie } = await signUp(gateway)
  await remote.asked()
  return {
    gateway,
    remote,
    cookie,
    age: async (ms) => {
      const at = (time: number): string => new Date(time).toISOString()
      const now = Date.now()
      const values = [at(now - ms + 7 * dayMs), at(now - ms)]
      await remote.sql('UPDATE session SET expiresAt = ?, updatedAt = ?', ...values)
    },
    get: (headers = {}) => gateway.request('/api/x', { headers: { cookie, ...headers } }),
    refreshes: async () =>
      (await remote.asked()).filter(({ url }) => !url.includes('disableRefresh')).length,
  }
}

t.test('a session that is due is extended, and the browser gets its cookie', async (t) => {
  const { gateway, age, get, refreshes, remote } = await start(t)
  t.same(setCookies(await get()), [], 'a fresh one is not')
  await age(2 * dayMs)
  gateway.clock.offsetMs = 31_000
  const replies = await Promise.all(Array.from({ length: 10 }, () => get()))
  t.ok(replies.every(({ status }) => status === 200))
  const cookies = replies.flatMap(setCookies)
  t.ok(cookies.length > 0)
  t.match(cookies[0], /^better-auth\.session_token=.+Max-Age=604800/)
  t.match(
    replies.find((reply) => setCookies(reply).length > 0)?.headers['cache-control'],
    'private, no-store',
  )
  t.equal(await refreshes(), 1, 'once for all of them')
  const [row] = await remote.sql('SELECT expiresAt FROM session')
  t.ok(Date.parse(String(row?.['expiresAt'])) > Date.now() + 6.9 * dayMs)
  t.same(setCookies(await get()), [])
  t.equal(await refreshes(), 0)
})

t.test('a poll in the background extends nothing', async (t) => {
  const { age, get, refreshes } = await start(t)
  await age(2 * dayMs)
  t.same(setCookies(await get({ 'x-sallyport-passive': '1' })), [])
  t.equal(await refreshes(), 0)
})

t.test('one that extends only when asked by POST is asked so', async (t) => {
  const { age, get, remote } = await start(t, { session: { deferSessionRefresh: true } })
  await age(2 * dayMs)
  t.match(setCookies(await get()), [/^better-auth\.session_token=.+Max-Age=604800/])
  const asked = (await remote.asked()).map(({ method, url }) => `${method} ${url}`)
  t.same(asked.slice(-2), [
    'GET /api/auth/get-session?disableCookieCache=true',
    'POST /api/auth/get-session?disableCookieCache=true',
  ])
})

t.test('the cookies of its cookie cache come along, in their order', async (t) => {
  const session = { cookieCache: { enabled: true } }
  const { age, get } = await start(t, { session })
  await age(2 * dayMs)
  const names = setCookies(await get()).map((cookie) => cookie.split('=')[0])
  t.ok(names.includes('better-auth.session_token'))
  t.ok(names.includes('better-auth.session_data'))
})

t.test('one that has other ideas of when a session is due is not asked all the time', async (t) => {
  const { gateway, get, refreshes } = await start(t, { session: { updateAge: 5 * 86_400 } })
  // Two days on, by our clock.
  gateway.clock.offsetMs = 2 * dayMs
  for (let count = 0; count < 5; count += 1) t.equal((await get()).status, 200)
  t.equal(await refreshes(), 1)
  gateway.clock.offsetMs += 601_000
  t.equal((await get()).status, 200)
  t.equal(await refreshes(), 1, 'ten minutes later it is tried again')
})

t.test('a refresh that fails refuses nobody', async (t) => {
  const { gateway, age, get, remote } = await start(t)
  await age(2 * dayMs)
  await remote.fail('error', 'get-session?disableCookieCache')
  const reply = await get()
  t.equal(reply.status, 200)
  t.same(setCookies(reply), [])
  t.ok(gateway.log.some(({ msg }) => msg === 'a session could not be extended'))
})
