import t from 'tap'
import { origin, signUp } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { sql } from '../../session/calls.ts'
import { send, startObserved, valuesOf } from './stage.ts'

const routes = `
  - { name: api, match: { path: /api/* }, upstream: api, enforce: false }
  - { name: silent, match: { path: /silent/* }, upstream: api, enforce: { mode: observe, identityHeaders: false } }
  - { name: cookies, match: { path: /cookies/* }, upstream: api, enforce: { mode: observe, sessionCookies: true } }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional, enforce: false }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, enforce: false }
  - { name: limited, match: { path: /limited/* }, upstream: api, rateLimit: { requests: 5, per: 1m, by: user }, enforce: false }`

/** Every way in which somebody might say who they are. */
const spoofed = [
  ...['X-User-Id', 'root', 'x-user-id', 'root', 'X_User_Id', 'root', 'X.User.Id', 'root'],
  ...['X-User-Email', 'root@example.com', 'X-Impersonated-By', 'root', 'X-Sallyport-User', 'root'],
]
const names = /^x[-_.](?:user[-_.]id|user[-_.]email|impersonated-by|sallyport-.*)$/i

t.test('identity headers from outside die in every spelling, whoever sends them', async (t) => {
  const stage = await startObserved(t, routes)
  const { id, cookie } = await signUp(stage)
  for (const path of ['/api/x', '/silent/x', '/cookies/x', '/maybe/x', '/open/x']) {
    for (const sender of [[], ['cookie', cookie], ['authorization', 'Bearer legacy']]) {
      const { seen } = await send(stage, path, { headers: [...spoofed, ...sender] })
      const told = (seen?.rawHeaders ?? []).filter(
        (_, index, all) => index % 2 === 1 && names.test(all[index - 1] ?? ''),
      )
      const isTold = sender[0] === 'cookie' && !/^\/(?:silent|open)/.test(path)
      t.strictSame(told, isTold ? [id] : [], `${path} ${sender.join(' ').slice(0, 20)}`)
    }
  }
})

t.test('a token of ours is never put in the place where the client had none', async (t) => {
  const stage = await startObserved(t, routes)
  const { id, cookie } = await signUp(stage)
  const authorization = `Bearer ${mint(goodClaims({ sub: id }))}`
  for (const path of ['/api/x', '/silent/x', '/cookies/x', '/maybe/x']) {
    const byCookie = await send(stage, path, { headers: { cookie } })
    t.equal(byCookie.record.observed, null, path)
    t.strictSame(byCookie.seen && valuesOf(byCookie.seen, 'authorization'), [], path)
    const byToken = await send(stage, path, { headers: { authorization } })
    t.strictSame(byToken.seen && valuesOf(byToken.seen, 'authorization'), [authorization], path)
  }
  const own = await stage.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  const ours = `Bearer ${String(own.json()['access_token'])}`
  const { seen, record } = await send(stage, '/api/x', { headers: { authorization: ours } })
  t.match(record, { observed: null, userId: id, credential: 'bearer' })
  t.match(seen?.headers, { authorization: ours, 'x-user-id': id })
})

t.test('Better Auth’s cookies travel on only where the route says so', async (t) => {
  const stage = await startObserved(t, routes)
  const { cookie } = await signUp(stage)
  const headers = { cookie: `theme=dark; ${cookie}` }
  const sent = async (path: string) => (await send(stage, path, { headers })).seen?.headers.cookie
  t.equal(await sent('/api/x'), 'theme=dark')
  t.equal(await sent('/cookies/x'), headers.cookie)
})

t.test('an API key travels on, also where the gateway reads such keys', async (t) => {
  const stage = await startObserved(t, routes)
  const { seen } = await send(stage, '/api/x', { headers: { 'x-api-key': 'legacy' } })
  t.equal(seen?.headers['x-api-key'], 'legacy')
})

t.test('a parameter that looks like a ticket of ours is the application’s', async (t) => {
  const stage = await startObserved(t, routes)
  const headers = { accept: 'text/event-stream' }
  const { seen, record } = await send(stage, '/api/x?a=1&ticket=theirs&b=2', { headers })
  t.equal(seen?.url, '/api/x?a=1&ticket=theirs&b=2')
  t.equal(record.observed, 'token_invalid')
})

t.test(
  'a limit that is only observed is not announced, and hides nothing of FastAPI’s',
  async (t) => {
    const stage = await startObserved(t, routes, {
      answer: (_request, response) => response.writeHead(200, { 'ratelimit-limit': '7' }).end(),
    })
    const { reply } = await send(stage, '/limited/x')
    t.equal(reply.headers['ratelimit-limit'], '7')
    t.equal(reply.headers['ratelimit-remaining'], undefined)
  },
)

t.test('FastAPI’s own refusal passes as it is, challenge and all', async (t) => {
  const stage = await startObserved(t, routes, {
    answer: (_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="old"' }).end('no'),
  })
  const { cookie } = await signUp(stage)
  for (const headers of [{}, { cookie }]) {
    const { reply, record } = await send(stage, '/api/x', { headers })
    t.match(reply, {
      status: 401,
      text: 'no',
      headers: { 'www-authenticate': 'Basic realm="old"' },
    })
    t.match(record, { decision: 'forwarded', code: null, status: 401 })
  }
})

t.test('who would pass uses the session, and who would not leaves it alone', async (t) => {
  const stage = await startObserved(t, routes)
  const { cookie } = await signUp(stage)
  const isDue = new Date(Date.now() + 5 * 86_400_000).toISOString()
  sql(stage, 'UPDATE session SET expiresAt = ?', isDue)
  const foreign = { cookie, origin: 'https://evil.test' }
  const refused = await send(stage, '/api/x', { method: 'POST', headers: foreign })
  t.equal(refused.record.observed, 'origin_rejected')
  t.equal(refused.reply.headers['set-cookie'], undefined)
  const { reply } = await send(stage, '/api/x', { method: 'POST', headers: { cookie, origin } })
  t.match([reply.headers['set-cookie']].flat().join(), /session_token=/)
  t.equal(reply.headers['cache-control'], 'private, no-store')
})
