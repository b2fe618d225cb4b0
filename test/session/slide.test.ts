import t from 'tap'
import type { Session } from '../../src/authn/principal.ts'
import type { RefreshedSession, SessionSource } from '../../src/session/port.ts'
import { createSlide } from '../../src/session/slide.ts'
import { startBackend } from '../helper/backend.ts'
import { signUp, startGateway, type Running, type SignedIn } from '../helper/gateway.ts'
import { bearerOf, outcome, setCookies, signIn, sql } from './calls.ts'

const dayMs = 86_400_000

/** As if the user had signed in two days ago: one day is the default `refreshAfter`, seven the lifetime. */
function makeDue(gateway: Running): void {
  sql(gateway, 'UPDATE session SET expiresAt = ?', new Date(Date.now() + 5 * dayMs).toISOString())
}

function daysLeft(gateway: Running): number {
  const [row] = sql(gateway, 'SELECT expiresAt FROM session')
  return Math.round((new Date(String(row!['expiresAt'])).getTime() - Date.now()) / dayMs)
}

async function startDue(
  t: Parameters<typeof startBackend>[0],
  wrapSource?: (source: SessionSource) => SessionSource,
): Promise<Running & { readonly user: SignedIn }> {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { 'cache-control': 'public, max-age=60', 'set-cookie': 'theme=dark' })
    response.end('from FastAPI')
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    ...(wrapSource === undefined ? {} : { wrapSource }),
  })
  const user = await signUp(gateway)
  makeDue(gateway)
  return { ...gateway, user }
}

t.test(
  'a proxied request extends a session that is due, and the browser gets the cookie',
  async (t) => {
    const gateway = await startDue(t)
    const { cookie } = gateway.user
    const reply = await gateway.request('/api/x', { headers: { cookie } })
    t.equal(reply.status, 200)
    const [token, ...others] = setCookies(reply).filter((value) => value.startsWith('better-auth.'))
    t.match(
      token,
      /^better-auth\.session_token=.*; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    t.same(others, [])
    t.ok(setCookies(reply).includes('theme=dark'), "FastAPI's own cookies are kept")
    t.equal(token?.split(';')[0], cookie, 'the session stays the same')
    t.equal(reply.headers['cache-control'], 'private, no-store')
    t.equal(daysLeft(gateway), 7)
    const next = await gateway.request('/api/x', { headers: { cookie } })
    t.same(setCookies(next), ['theme=dark'], 'it is not due again')
    t.equal(next.headers['cache-control'], 'public, max-age=60')
  },
)

t.test('the token endpoint extends a session that is due', async (t) => {
  const gateway = await startDue(t)
  const { cookie } = gateway.user
  const reply = await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  t.equal(reply.status, 200)
  t.match(setCookies(reply), [/^better-auth\.session_token=.*Max-Age=604800/])
  t.equal(reply.headers['cache-control'], 'private, no-store')
  t.equal(daysLeft(gateway), 7)
})

t.test('a background poll does not keep a session alive', async (t) => {
  const gateway = await startDue(t)
  const headers = { cookie: gateway.user.cookie, 'x-sallyport-passive': '1' }
  const reply = await gateway.request('/api/x', { headers })
  t.equal(reply.status, 200)
  t.same(setCookies(reply), ['theme=dark'])
  t.equal(daysLeft(gateway), 5)
})

t.test('neither does looking at the session, nor a bearer', async (t) => {
  const gateway = await startDue(t)
  const { cookie } = gateway.user
  sql(gateway, 'UPDATE session SET expiresAt = ?', new Date(Date.now() + 7 * dayMs).toISOString())
  const authorization = await bearerOf(gateway, cookie)
  makeDue(gateway)
  gateway.clock.offsetMs = 31_000
  t.equal(await outcomeWithoutCookies(gateway, { authorization }), 200)
  const seen = await gateway.request('/_gateway/session', { headers: { cookie } })
  t.match(seen.json(), { authenticated: true })
  t.same(setCookies(seen), [])
  t.equal(daysLeft(gateway), 5)
})

async function outcomeWithoutCookies(
  gateway: Running,
  headers: Record<string, string>,
): Promise<number> {
  const reply = await gateway.request('/api/x', { headers })
  return setCookies(reply).every((value) => value === 'theme=dark') ? reply.status : 0
}

t.test('where "remember me" was declined a session never slides', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { email } = await signUp(gateway)
  const cookie = await signIn(gateway, email, { rememberMe: false })
  t.match(cookie, /dont_remember=/)
  const before = sql(gateway, 'SELECT expiresAt FROM session ORDER BY createdAt')
  const reply = await gateway.request('/api/x', { headers: { cookie } })
  t.equal(reply.status, 200)
  t.same(setCookies(reply), [])
  t.same(sql(gateway, 'SELECT expiresAt FROM session ORDER BY createdAt'), before)
})

t.test('requests that come together cause one refresh', async (t) => {
  let refreshes = 0
  const gateway = await startDue(t, (source) => ({
    findByToken: (token) => source.findByToken(token),
    findById: (id) => source.findById(id),
    refresh: (cookies) => {
      refreshes += 1
      return source.refresh(cookies)
    },
  }))
  const { cookie } = gateway.user
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => gateway.request('/api/x', { headers: { cookie } })),
  )
  t.same(new Set(replies.map(({ status }) => status)), new Set([200]))
  t.equal(refreshes, 1)
})

t.test('a refresh that fails refuses nobody, and is tried again', async (t) => {
  let isDown = true
  const gateway = await startDue(t, (source) => ({
    findByToken: (token) => source.findByToken(token),
    findById: (id) => source.findById(id),
    refresh: (cookies) =>
      isDown ? Promise.reject(new Error('database is locked')) : source.refresh(cookies),
  }))
  const { cookie } = gateway.user
  t.equal(await outcomeWithoutCookies(gateway, { cookie }), 200)
  const token = await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  t.equal(token.status, 200)
  t.same(setCookies(token), [])
  t.equal(gateway.log.filter(({ level }) => level === 40).length, 2, 'it is logged')
  isDown = false
  t.equal(await outcome(gateway, { cookie }), 200)
  t.equal(daysLeft(gateway), 7)
})

const session = { id: 's1' } as Session
const cookieNames = { token: 'token', dontRemember: 'dont' }

t.test('whoever waits for the same session gets the same refresh', async (t) => {
  const pending: ((value: RefreshedSession) => void)[] = []
  const given: string[] = []
  const slide = createSlide({
    source: {
      findByToken: () => Promise.resolve(null),
      findById: () => Promise.resolve(null),
      refresh: (cookies) => {
        given.push(cookies)
        return new Promise((resolve) => pending.push(resolve))
      },
    },
    cookieNames,
    waitMs: 60_000,
    onFailed: (error) => t.fail(String(error)),
  })
  const answers = [1, 2, 3].map(() => slide(session, { cookie: 'a=1; token=x; b=2' }))
  t.same(given, ['token=x'], 'nothing but the session cookie')
  const refreshed = { session, setCookies: ['token=x; Max-Age=1'] }
  pending[0]!(refreshed)
  t.same(await Promise.all(answers), [refreshed, refreshed, refreshed])
  void slide(session, { cookie: 'token=x' })
  t.equal(given.length, 2, 'the next one is a refresh of its own')
  pending[1]!(refreshed)
})

t.test('a refresh that takes too long is not waited for', async (t) => {
  const failures: unknown[] = []
  const slide = createSlide({
    source: {
      findByToken: () => Promise.resolve(null),
      findById: () => Promise.resolve(null),
      refresh: () => new Promise(() => undefined),
    },
    cookieNames,
    waitMs: 1,
    onFailed: (error) => failures.push(error),
  })
  t.same(await slide(session, { cookie: 'token=x' }), { session, setCookies: [] })
  t.match(failures, [{ message: /longer than 1 ms/ }])
})
