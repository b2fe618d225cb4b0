import t from 'tap'
import { closedPort, startBackend } from '../../helper/backend.ts'
import { origin, password, signUp, someAddress, startGateway } from '../../helper/gateway.ts'
import { call, outcome, setCookies, signIn, view } from '../calls.ts'

const upstream = 'http://127.0.0.1:9'

t.test('signing up, out and in again by JSON', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { id, email, cookie } = await signUp(gateway)
  t.match(id, /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/, 'ids are UUIDs')
  t.equal(await outcome(gateway, { cookie }), 200)
  const out = await call(gateway, '/sign-out', { cookie })
  t.equal(out.status, 200)
  t.match(out.headers['content-type'], /^application\/json/)
  t.ok(setCookies(out).some((value) => /session_token=;.*Max-Age=0/i.test(value)))
  t.equal(out.headers['cache-control'], 'private, no-store')
  t.equal(await outcome(gateway, { cookie }), 'session_revoked')
  const again = await signIn(gateway, email)
  t.not(again, cookie)
  t.match(await view(gateway, again), { authenticated: true, user: { id, email } })
})

t.test('a sign-out with an empty body signs out, whatever its content type', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const { email, cookie: first } = await signUp(gateway)
  let cookie = first
  for (const type of ['application/json', 'text/plain', 'application/x-unknown', null]) {
    const reply = await gateway.request('/api/auth/sign-out', {
      method: 'POST',
      headers: { cookie, origin, ...(type === null ? {} : { 'content-type': type }) },
    })
    t.equal(reply.status, 200, String(type))
    t.match(await view(gateway, cookie), { authenticated: false }, String(type))
    cookie = await signIn(gateway, email)
  }
})

t.test('a form post reaches Better Auth as it came', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const { email } = await signUp(gateway)
  const reply = await gateway.request('/api/auth/sign-in/email', {
    method: 'POST',
    headers: {
      origin,
      'content-type': 'application/x-www-form-urlencoded',
      'x-forwarded-for': someAddress(),
    },
    body: new URLSearchParams({ email, password }).toString(),
  })
  t.equal(reply.status, 200)
  t.match(await view(gateway, reply.cookie), { authenticated: true })
})

t.test('a body that is no JSON is a 4xx of Better Auth, one beyond 1 MiB a 413', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const send = (body: string) =>
    gateway.request('/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': someAddress() },
      body,
    })
  const broken = await send('{"email":')
  t.equal(broken.status, 400, broken.text)
  const large = await send(`"${'x'.repeat(1_048_576)}"`)
  t.equal(large.status, 413)
  t.equal(large.json()['code'], 'body_too_large')
})

t.test('each Set-Cookie is a header of its own', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const { email } = await signUp(gateway)
  const body = { email, password, rememberMe: false }
  const reply = await call(gateway, '/sign-in/email', { body })
  const cookies = setCookies(reply)
  t.match(
    cookies.map((value) => value.split('=')[0]),
    ['better-auth.session_token', 'better-auth.dont_remember'],
  )
  t.notOk(cookies.some((value) => /, *better-auth/.test(value)))
})

t.test('a Host that is no host is answered at once, with the uniform body', async (t) => {
  const gateway = await startGateway(t, { upstream })
  for (const host of ['a b', '[', 'x\x00y', 'app.test:99999', 'evil.test', '']) {
    const reply = await gateway.raw(
      `GET /api/auth/get-session HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: [\r\nConnection: close\r\n\r\n`,
    )
    t.match(reply, /^HTTP\/1\.1 400 /, JSON.stringify(host))
    t.match(reply, /"code":"(?:host_unknown|request_malformed)"/, JSON.stringify(host))
  }
})

t.test(
  'forwarding headers of a client do not change what Better Auth takes for itself',
  async (t) => {
    const gateway = await startGateway(t, { upstream })
    const reply = await gateway.request('/api/auth/get-session', {
      headers: { 'x-forwarded-proto': 'ht!tp', 'x-forwarded-host': '[', forwarded: 'host="' },
    })
    t.equal(reply.status, 200)
    t.equal(reply.text, 'null')
  },
)

t.test("a wrong password is refused in Better Auth's own words", async (t) => {
  const gateway = await startGateway(t, { upstream: await closedPort() })
  const { email } = await signUp(gateway)
  const body = { email, password: 'wrong horse' }
  const reply = await call(gateway, '/sign-in/email', { body })
  t.equal(reply.status, 401)
  t.match(reply.json(), { code: 'INVALID_EMAIL_OR_PASSWORD', message: String })
  t.same(setCookies(reply), [])
  const fromBetterAuth = gateway.log.filter(({ source }) => source === 'better-auth')
  t.ok(fromBetterAuth.length > 0)
  t.ok(
    fromBetterAuth.every(({ level }) => level === 40),
    'it is no error of ours',
  )
  t.notMatch(JSON.stringify(gateway.log), /wrong horse/)
})

t.test('a sign-in from another site is refused, one from a trusted origin is not', async (t) => {
  const gateway = await startGateway(t, {
    upstream,
    auth: 'signUp: open, trustedOrigins: ["https://partner.test"]',
  })
  const { email, cookie } = await signUp(gateway)
  const from = async (site: string) => {
    const reply = await gateway.request('/api/auth/sign-in/email', {
      method: 'POST',
      headers: {
        cookie,
        origin: site,
        'content-type': 'application/json',
        'x-forwarded-for': someAddress(),
      },
      body: JSON.stringify({ email, password }),
    })
    return reply.status
  }
  t.equal(await from('https://evil.test'), 403)
  t.equal(await from('https://partner.test'), 200)
})

t.test('other methods are refused before Better Auth sees them', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const put = await gateway.request('/api/auth/sign-out', { method: 'PUT' })
  t.equal(put.status, 405)
  t.equal(put.json()['code'], 'method_not_allowed')
  const head = await gateway.request('/api/auth/get-session', { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(head.text, '')
})
