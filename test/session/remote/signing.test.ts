import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { host, password, signUp, startGateway } from '../../helper/gateway.ts'
import { authSecret, signCookie } from '../../helper/token.ts'
import { bearerOf, call, outcome, setCookies, signIn, view } from '../calls.ts'
import { startAuthServer } from './server.ts'

const known = '${BETTER_AUTH_SECRET}'

for (const [name, secret] of [
  ['with its secret', known],
  ['without its secret', 'none'],
] as const) {
  t.test(`signing up, out and in again at a remote Better Auth, ${name}`, async (t) => {
    const backend = await startBackend(t)
    const remote = await startAuthServer(t)
    const auth = `mode: remote, url: "${remote.url}", secret: "${secret}"`
    const gateway = await startGateway(t, { upstream: backend.url, auth })
    const { id, email, cookie } = await signUp(gateway)
    t.equal(await outcome(gateway, { cookie }), 200)
    const { headers } = backend.seen.at(-1) ?? {}
    t.equal(headers?.['x-user-id'], id)
    t.equal(headers?.['cookie'], undefined, 'the session cookie goes no further')
    t.match(await view(gateway, cookie), { authenticated: true, user: { id, email } })
    const out = await call(gateway, '/sign-out', { cookie })
    t.equal(out.status, 200)
    t.ok(setCookies(out).some((value) => /session_token=;.*Max-Age=0/i.test(value)))
    t.equal(await outcome(gateway, { cookie }), 'session_revoked')
    const again = await signIn(gateway, email)
    t.not(again, cookie)
    t.equal(await outcome(gateway, { cookie: again }), 200)
  })
}

t.test('a remote Better Auth hears what it needs to, and from nobody else', async (t) => {
  const backend = await startBackend(t)
  const remote = await startAuthServer(t)
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: backend.url, auth })
  const { email } = await signUp(gateway)
  await remote.asked()
  await gateway.request('/api/auth/sign-in/email?x=%20y', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      cookie: 'theme=dark',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'gopher',
      forwarded: 'host=evil.test',
      'x-real-ip': '203.0.113.9',
      'x-user-id': 'forged',
      'X-Sallyport-Session': '1',
      te: 'trailers',
    },
    body: JSON.stringify({ email, password }),
  })
  const [asked] = await remote.asked()
  t.match(asked, { method: 'POST', url: '/api/auth/sign-in/email?x=%20y' })
  t.match(asked?.headers, {
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': 'http',
    // The test is a trusted proxy.
    'x-forwarded-for': '203.0.113.9',
    cookie: 'theme=dark',
  })
  const { headers = {} } = asked ?? {}
  for (const name of ['x-user-id', 'x-sallyport-session', 'forwarded', 'x-real-ip', 'te']) {
    t.notOk(name in headers, name)
  }
  t.notMatch(JSON.stringify(headers), /evil|gopher/)
})

t.test("its own refusals come back in Better Auth's words", async (t) => {
  const remote = await startAuthServer(t)
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', auth })
  const { email } = await signUp(gateway)
  const wrong = await call(gateway, '/sign-in/email', { body: { email, password: 'wrong horse' } })
  t.equal(wrong.status, 401)
  t.match(wrong.json(), { code: 'INVALID_EMAIL_OR_PASSWORD' })
  t.notMatch(JSON.stringify(gateway.log), /wrong horse/)
  const put = await gateway.request('/api/auth/sign-out', { method: 'PUT' })
  t.equal(put.status, 404, 'methods are for it to judge')
  const large = await call(gateway, '/sign-in/email', { body: 'x'.repeat(1_048_576) })
  t.equal(large.json()['code'], 'body_too_large')
  const head = await gateway.request('/api/auth/get-session', { method: 'HEAD' })
  t.match(head, { status: 200, text: '' })
})

t.test(
  'a cookie with a wrong signature costs the remote nothing where its secret is known',
  async (t) => {
    const remote = await startAuthServer(t)
    const auth = `mode: remote, url: "${remote.url}", secret: "${known}"`
    const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', auth })
    await remote.asked()
    const forged = signCookie('a'.repeat(32), `${authSecret}x`)
    for (const value of [forged, 'nonsense', `${'a'.repeat(32)}.${'b'.repeat(43)}=`]) {
      t.equal(
        await outcome(gateway, { cookie: `better-auth.session_token=${value}` }),
        'session_invalid',
      )
    }
    t.same(await remote.asked(), [])
  },
)

t.test('where it is not known the remote decides, and once for a while', async (t) => {
  const remote = await startAuthServer(t)
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', auth })
  await remote.asked()
  const cookie = `better-auth.session_token=${signCookie('a'.repeat(32), 'another secret')}`
  const all = await Promise.all(Array.from({ length: 20 }, () => outcome(gateway, { cookie })))
  t.same(new Set(all), new Set(['session_expired']))
  t.equal(await outcome(gateway, { cookie }), 'session_expired')
  t.equal((await remote.asked()).length, 1)
  t.equal(
    await outcome(gateway, { cookie: 'better-auth.session_token=nonsense' }),
    'session_invalid',
  )
  t.equal((await remote.asked()).length, 0)
})

t.test('fifty requests at once with one session are one question', async (t) => {
  const backend = await startBackend(t)
  const remote = await startAuthServer(t)
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: backend.url, auth })
  const { cookie } = await signUp(gateway)
  await remote.asked()
  const all = await Promise.all(
    Array.from({ length: 50 }, () =>
      outcome(gateway, { cookie: `theme=dark; ${cookie}`, 'x-forwarded-for': '198.51.100.7' }),
    ),
  )
  t.same(new Set(all), new Set([200]))
  const asked = await remote.asked()
  t.equal(asked.length, 1)
  t.match(asked[0], {
    method: 'GET',
    url: '/api/auth/get-session?disableRefresh=true&disableCookieCache=true',
    headers: { cookie, 'x-forwarded-for': '198.51.100.7', host },
  })
})

t.test(
  'a token of ours dies with its remote session, and says nothing of its cookie',
  async (t) => {
    const backend = await startBackend(t)
    const remote = await startAuthServer(t)
    const auth = `mode: remote, url: "${remote.url}"`
    const options = { upstream: backend.url, auth }
    const gateway = await startGateway(t, options)
    const { id, cookie } = await signUp(gateway)
    const authorization = await bearerOf(gateway, cookie)
    const claims = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()
    const token = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''
    t.match(JSON.parse(claims), { sub: id, sid: String, ses: /^[\w-]{100,}$/ })
    t.notMatch(claims, new RegExp(token))

    // Another gateway, which has never seen the session, or this one after a restart.
    const other = await startGateway(t, options)
    t.equal(await outcome(other, { authorization }), 200)
    t.equal(backend.seen.at(-1)?.headers['x-user-id'], id)
    t.equal(await outcome(gateway, { authorization }), 200)
    await call(gateway, '/sign-out', { cookie })
    t.equal(await outcome(gateway, { authorization }), 'session_revoked')
    other.clock.offsetMs = 6000
    t.equal(await outcome(other, { authorization }), 'session_expired')
  },
)

t.test('a token that was sealed under secrets that are gone asks for another one', async (t) => {
  const backend = await startBackend(t)
  const remote = await startAuthServer(t)
  const url = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: backend.url, auth: url })
  const { cookie } = await signUp(gateway)
  const authorization = await bearerOf(gateway, cookie)
  const auth = `${url}, secret: "${known}"`
  const other = await startGateway(t, { upstream: backend.url, auth })
  const reply = await other.request('/api/x', { headers: { authorization } })
  t.match(reply.json(), { status: 401, code: 'token_expired', action: 'refresh' })
  t.equal(await outcome(other, { authorization: await bearerOf(other, cookie) }), 200)
})
