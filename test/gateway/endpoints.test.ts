import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { origin, signUp, startGateway } from '../helper/gateway.ts'
import { authSecret, goodClaims, mint } from '../helper/token.ts'

t.test('a cookie decides an unsafe request only from our own pages', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'trustedOrigins: ["https://friend.test"]',
  })
  const { cookie } = await signUp(gateway)
  const cases: readonly (readonly [boolean, Record<string, string>, string])[] = [
    [true, { 'sec-fetch-site': 'same-origin' }, 'our own page'],
    [true, { 'sec-fetch-site': 'none' }, 'the address bar'],
    [true, { origin }, 'our own page in an old browser'],
    [true, { origin: 'https://friend.test', 'sec-fetch-site': 'cross-site' }, 'a trusted origin'],
    [true, {}, 'no browser'],
    [false, { 'sec-fetch-site': 'cross-site' }, 'another site'],
    [false, { 'sec-fetch-site': 'same-site' }, 'a sibling domain'],
    [false, { origin: 'https://evil.test' }, 'a foreign origin'],
    [false, { origin: 'null' }, 'an opaque origin'],
    [false, { origin: `${origin}.evil.test` }, 'a look-alike'],
    [false, { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }, 'a foreign page'],
  ]
  for (const [passes, headers, why] of cases) {
    for (const path of ['/api/x', '/maybe/x', '/_gateway/token']) {
      const reply = await gateway.request(path, { method: 'POST', headers: { cookie, ...headers } })
      t.equal(reply.status, passes ? 200 : 403, `${why}: ${path}`)
      if (!passes) t.equal(reply.json()['code'], 'origin_rejected', why)
    }
    t.equal(
      (await gateway.request('/api/x', { headers: { cookie, ...headers } })).status,
      200,
      `GET is safe: ${why}`,
    )
  }
  const authorization = `Bearer ${mint(goodClaims())}`
  const bearer = await gateway.request('/api/x', {
    method: 'POST',
    headers: { cookie, authorization, origin: 'https://evil.test' },
  })
  t.equal(bearer.status, 200, 'no other site can send Authorization')
})

t.test('a token signed with the secret of Better Auth is nobody', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  const authorization = `Bearer ${mint(goodClaims({ email: 'ada@example.com' }), { secret: authSecret })}`
  t.equal(
    (await gateway.request('/api/x', { headers: { authorization } })).json()['code'],
    'token_invalid',
  )
})

t.test('the refresh endpoint takes the session cookie and nothing else', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  const post = async (headers: Record<string, string>): Promise<unknown> =>
    (await gateway.request('/_gateway/token', { method: 'POST', headers })).json()['code']
  t.equal(await post({}), 'credential_missing')
  t.equal(await post({ authorization: `Bearer ${mint(goodClaims())}` }), 'token_not_accepted')
  t.equal((await gateway.request('/_gateway/token')).json()['code'], 'method_not_allowed')
})

t.test('the session endpoint answers 200 to everybody', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  const { cookie } = await signUp(gateway)
  t.same((await gateway.request('/_gateway/session')).json(), { authenticated: false })
  t.same(
    (
      await gateway.request('/_gateway/session', {
        headers: { cookie: 'better-auth.session_token=x' },
      })
    ).json(),
    { authenticated: false },
  )
  const reply = await gateway.request('/_gateway/session', { headers: { cookie } })
  t.match(reply.json(), {
    authenticated: true,
    user: { email: 'ada@example.com', name: 'Ada' },
    expiresAt: /^\d{4}-/,
  })
  t.equal(reply.headers['cache-control'], 'no-store')
  const token = decodeURIComponent(cookie).split('=')[1]!.split('.')[0]!
  t.notMatch(reply.text, token, 'the token of the session is never shown')
})
