import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { signUp, startGateway } from '../helper/gateway.ts'
import { goodClaims, jwtSecret, mint } from '../helper/token.ts'
import { createHmac } from 'node:crypto'

function claimsOf(authorization: string | undefined): Record<string, unknown> {
  const [header, payload, signature] = (authorization ?? '').replace(/^Bearer /, '').split('.')
  const expected = createHmac('sha256', jwtSecret)
    .update(`${header}.${payload}`)
    .digest('base64url')
  if (signature !== expected)
    throw new Error('the issued token is not signed with the shared secret')
  return JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as Record<string, unknown>
}

t.test('a session cookie becomes X-User-Id and a token that FastAPI can verify', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { id, cookie } = await signUp(gateway)
  const reply = await gateway.request('/api/me?x=1', {
    headers: { cookie: `theme=dark; ${cookie}`, 'X-User-Id': 'mallory', X_User_Id: 'mallory' },
  })
  t.equal(reply.status, 200)
  const [seen] = backend.seen
  t.equal(seen!.url, '/api/me?x=1')
  t.equal(seen!.headers['x-user-id'], id)
  t.equal(seen!.headers.cookie, 'theme=dark')
  t.notOk('x_user_id' in seen!.headers)
  t.notOk('x-user-email' in seen!.headers, 'an e-mail that nobody verified is not shown')
  const claims = claimsOf(seen!.headers.authorization)
  const now = Math.floor(Date.now() / 1000)
  t.match(claims, { sub: id, sid: String })
  t.notOk('aud' in claims)
  t.ok((claims['exp'] as number) - now > 25 && (claims['exp'] as number) - now <= 60)
  t.ok((claims['iat'] as number) <= now - 29, 'set back for decoders without leeway')
  t.match(
    await gateway.request('/_gateway/session', { headers: { cookie } }).then((r) => r.json()),
    { user: { id } },
  )
})

t.test('the issued token is reused until half its life, then issued anew', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  const tokenAt = async (offsetMs: number): Promise<string | undefined> => {
    gateway.clock.offsetMs = offsetMs
    await gateway.request('/api/x', { headers: { cookie } })
    return backend.seen.at(-1)!.headers.authorization
  }
  const first = await tokenAt(0)
  t.equal(await tokenAt(25_000), first)
  t.not(await tokenAt(31_000), first)
})

t.test('what FastAPI received cannot come back in as a bearer', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  await gateway.request('/api/x', { headers: { cookie } })
  const { authorization } = backend.seen[0]!.headers
  const reply = await gateway.request('/api/x', { headers: { authorization: authorization! } })
  t.equal(reply.status, 401)
  t.equal(reply.json()['code'], 'token_invalid')
})

t.test('the token of the refresh endpoint is a bearer, and dies with its session', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { id, cookie } = await signUp(gateway)
  const reply = await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  t.match(reply.json(), { token_type: 'Bearer', expires_in: 900 })
  t.equal(reply.headers['cache-control'], 'private, no-store')
  const authorization = `Bearer ${String(reply.json()['access_token'])}`
  t.equal((await gateway.request('/api/x', { headers: { authorization } })).status, 200)
  const seen = backend.seen.at(-1)!
  t.equal(seen.headers['x-user-id'], id)
  t.not(seen.headers.authorization, authorization, 'it is replaced by an assertion')
  t.match(claimsOf(seen.headers.authorization), { sub: id })

  await gateway.request('/api/auth/sign-out', {
    method: 'POST',
    headers: { cookie, origin: 'http://app.test' },
  })
  const after = await gateway.request('/api/x', { headers: { authorization } })
  t.equal(after.status, 401)
  t.equal(after.json()['code'], 'session_revoked')
  t.notOk(after.headers['set-cookie'], 'a bearer says nothing about cookies')
})

t.test('a token never outlives its session', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'session: { lifetime: 10m, refreshAfter: 5m }',
  })
  const { cookie } = await signUp(gateway)
  const reply = await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  const seconds = reply.json()['expires_in'] as number
  t.ok(seconds <= 600 && seconds > 590, String(seconds))
})

t.test('a foreign token travels on as it came, with its user beside it', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const authorization = `Bearer ${mint(goodClaims({ sub: 'script-7', role: 'x' }))}`
  t.equal((await gateway.request('/api/x', { headers: { authorization } })).status, 200)
  t.equal(backend.seen[0]!.headers.authorization, authorization)
  t.equal(backend.seen[0]!.headers['x-user-id'], 'script-7')
})

t.test('Authorization decides alone: a bad one is never rescued by a good cookie', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  const expired = `Bearer ${mint(goodClaims({ exp: Math.floor(Date.now() / 1000) - 12 }))}`
  for (const [path, code, authorization] of [
    ['/api/x', 'token_expired', expired],
    ['/maybe/x', 'token_expired', expired],
    ['/maybe/x', 'token_invalid', 'Bearer nonsense'],
    ['/api/x', 'token_not_accepted', 'Basic YTpi'],
  ] as const) {
    const reply = await gateway.request(path, { headers: { cookie, authorization } })
    t.equal(reply.status, 401, path)
    t.equal(reply.json()['code'], code, path)
  }
  t.equal(backend.seen.length, 0)
})

t.test('two Authorization headers are refused, whichever is good', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const good = mint(goodClaims())
  const reply = await gateway.raw(
    `GET /api/x HTTP/1.1\r\nHost: app.test\r\nAuthorization: Bearer ${good}\r\nAuthorization: Bearer ${good}\r\nConnection: close\r\n\r\n`,
  )
  t.match(reply, /^HTTP\/1\.1 401 /)
  t.match(reply, /"code":"token_invalid"/)
  t.equal(backend.seen.length, 0)
})

t.test('on none nothing is read and nothing is injected', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: login, match: { path: /login/* }, upstream: api, auth: { mode: none, forwardAuthorization: true } }`,
  })
  const { cookie } = await signUp(gateway)
  const headers = { cookie, authorization: 'Bearer anything', 'x-user-id': 'mallory' }
  t.equal((await gateway.request('/open/x', { headers })).status, 200)
  t.equal((await gateway.request('/login/x', { headers })).status, 200)
  const [open, login] = backend.seen
  t.notOk('x-user-id' in open!.headers)
  t.notOk('authorization' in open!.headers)
  t.notOk('cookie' in open!.headers)
  t.equal(login!.headers.authorization, 'Bearer anything')
  t.notOk('x-user-id' in login!.headers)
})

t.test('on optional nobody is anonymous, somebody is somebody, a forger is refused', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { id, cookie } = await signUp(gateway)
  await gateway.request('/maybe/x')
  await gateway.request('/maybe/x', { headers: { cookie } })
  t.notOk('x-user-id' in backend.seen[0]!.headers)
  t.equal(backend.seen[1]!.headers['x-user-id'], id)
  const forged = await gateway.request('/maybe/x', { headers: { cookie: `${cookie}x` } })
  t.equal(forged.json()['code'], 'session_invalid')
  await gateway.request('/api/auth/sign-out', {
    method: 'POST',
    headers: { cookie, origin: 'http://app.test' },
  })
  t.equal(
    (await gateway.request('/maybe/x', { headers: { cookie } })).status,
    200,
    'an ended session is anonymous',
  )
  t.notOk('x-user-id' in backend.seen[2]!.headers)
})
