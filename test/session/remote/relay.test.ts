import t, { type Test } from 'tap'
import { startBackend, startRawBackend, type Answer, type Backend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { signCookie } from '../../helper/token.ts'
import { setCookies } from '../calls.ts'

interface Stage {
  readonly gateway: Running
  /** What stands for the remote Better Auth. */
  readonly remote: Backend
}

async function start(t: Test, answer: Answer, auth = '', path = ''): Promise<Stage> {
  const remote = await startBackend(t, answer)
  const gateway = await startGateway(t, {
    upstream: 'http://127.0.0.1:9',
    auth: `mode: remote, url: "${remote.url}${path}"${auth}`,
  })
  return { gateway, remote }
}

t.test(
  'every Set-Cookie comes back as it is and in its order, and no cache may keep the answer',
  async (t) => {
    const cookies = [
      'better-auth.session_data=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
      'better-auth.session_data=eyJh.b; Max-Age=300; Path=/; HttpOnly; SameSite=Lax',
      'other=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT',
      'better-auth.session_token=x.y; Domain=app.test; Path=/; Secure',
    ]
    const { gateway } = await start(t, (_request, response) => {
      response.setHeader('set-cookie', cookies)
      response.setHeader('cache-control', 'public, max-age=60')
      response.setHeader('cdn-cache-control', 'max-age=60')
      response.setHeader('vary', ['origin', 'accept'])
      response.end('{}')
    })
    const reply = await gateway.request('/api/auth/callback/github')
    t.strictSame(setCookies(reply), cookies)
    t.equal(reply.headers['cache-control'], 'private, no-store')
    t.equal(reply.headers['cdn-cache-control'], undefined)
    t.strictSame([reply.headers['vary']].flat().join(', '), 'origin, accept')
  },
)

t.test('without cookies its own word on caching counts', async (t) => {
  const { gateway } = await start(t, (_request, response) => {
    response.setHeader('cache-control', 'public, max-age=60')
    response.end('{}')
  })
  const reply = await gateway.request('/api/auth/jwks')
  t.equal(reply.headers['cache-control'], 'public, max-age=60')
})

t.test('redirects are passed on, not followed', async (t) => {
  const { gateway, remote } = await start(t, (_request, response) => {
    response.writeHead(302, { location: 'https://github.com/login?state=1' }).end()
  })
  const reply = await gateway.request('/api/auth/sign-in/social?provider=github')
  t.match(reply, { status: 302, headers: { location: 'https://github.com/login?state=1' } })
  t.equal(remote.seen.filter(({ url }) => url.includes('sign-in')).length, 1)
})

t.test('what belongs to a connection ends with it, in both directions', async (t) => {
  const { gateway, remote } = await start(t, (_request, response) => {
    response.setHeader('connection', 'x-private')
    response.setHeader('x-private', '1')
    response.setHeader('x-sallyport-code', 'forged')
    response.setHeader('x-retry-after', '7')
    response.statusCode = 429
    response.end('{"message":"busy"}')
  })
  const reply = await gateway.request('/api/auth/sign-in/email', {
    method: 'POST',
    headers: {
      'x-user-id': '1',
      x_user_id: '1',
      authorization: 'Bearer a.b',
      'content-type': 'text/x',
    },
    body: 'x=%00\u00ff',
  })
  t.match(reply, { status: 429, headers: { 'retry-after': '7' }, text: '{"message":"busy"}' })
  t.equal(reply.headers['x-private'], undefined)
  t.equal(reply.headers['x-sallyport-code'], undefined)
  const { headers, body } = remote.seen.at(-1) ?? {}
  t.equal(body?.toString('utf8'), 'x=%00\u00ff')
  t.match(headers, { authorization: 'Bearer a.b', 'content-type': 'text/x' })
  t.notOk(Object.keys(headers ?? {}).some((name) => /user.id/.test(name)))
})

t.test('a base path comes before auth.path', async (t) => {
  const { gateway, remote } = await start(
    t,
    (_request, response) => response.end('null'),
    '',
    '/sso',
  )
  await gateway.request('/api/auth/ok?a=1&b=%2F')
  t.equal(remote.seen.at(-1)?.url, '/sso/api/auth/ok?a=1&b=%2F')
  t.equal(remote.seen[0]?.url, '/sso/api/auth/get-session')
})

t.test('its errors are its own, and an answer of any size flows', async (t) => {
  const large = 'x'.repeat(5_000_000)
  const { gateway } = await start(t, (request, response) => {
    response.statusCode = request.url?.includes('large') === true ? 200 : 500
    response.end(response.statusCode === 200 ? large : '{"code":"INTERNAL"}')
  })
  t.match(await gateway.request('/api/auth/x'), { status: 500, text: '{"code":"INTERNAL"}' })
  t.equal((await gateway.request('/api/auth/large')).text.length, large.length)
})

t.test('an answer that is no HTTP is an outage', async (t) => {
  const url = await startRawBackend(t, (socket) => socket.end('what?\r\n\r\n'))
  const auth = `mode: remote, url: "${url}"`
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', auth })
  const reply = await gateway.request('/api/auth/get-session')
  t.match(reply.json(), { status: 503, code: 'session_store_unavailable', action: 'retry' })
})

t.test('a session cookie of another name, or of another secret, is said in the log', async (t) => {
  let cookie = ''
  const { gateway } = await start(
    t,
    (_request, response) => {
      response.setHeader('set-cookie', `${cookie}; Path=/`)
      response.end('{}')
    },
    ', secret: "${BETTER_AUTH_SECRET}"',
  )
  const hints = () =>
    gateway.log
      .map(({ msg }) => String(msg))
      .filter((msg) => /session cookie|auth\.secret/.test(msg))
  const value = signCookie('a'.repeat(32))
  for (const [set, hint] of [
    [`better-auth.session_token=${value}`, null],
    ['better-auth.session_token=', null],
    [
      `__Secure-better-auth.session_token=${value}`,
      /calls its session cookie __Secure-better-auth\.session_token/,
    ],
    [
      `better-auth.session_token=${signCookie('a'.repeat(32), 'x')}`,
      /auth\.secret is not the secret/,
    ],
  ] as const) {
    cookie = set
    const before = hints().length
    await gateway.request('/api/auth/x')
    await gateway.request('/api/auth/x')
    const said = hints().slice(before)
    t.equal(said.length, hint === null ? 0 : 1, set)
    if (hint !== null) t.match(said[0], hint)
  }
  t.notMatch(JSON.stringify(gateway.log), new RegExp(value.slice(0, 40)))
})

t.test(
  'a cookie of the name that was configured, and its family, stay between browser and gateway',
  async (t) => {
    const upstream = await startBackend(t)
    const remote = await startBackend(t, (request, response) => {
      const cookie = request.headers.cookie ?? ''
      if (!cookie.includes('shop.session_token=')) return response.end('null')
      const user = { id: 'u1', email: 'a@example.com', emailVerified: true, name: 'A' }
      const expiresAt = new Date(Date.now() + 6.5 * 86_400_000).toISOString()
      const createdAt = new Date().toISOString()
      const session = { id: 's1', userId: 'u1', expiresAt, createdAt, updatedAt: createdAt }
      return response.end(JSON.stringify({ session, user }))
    })
    const gateway = await startGateway(t, {
      upstream: upstream.url,
      auth: `mode: remote, url: "${remote.url}", cookie: shop.session_token`,
    })
    const value = signCookie('a'.repeat(32))
    const cookie = `a=1; shop.session_token=${value}; __Secure-shop.x=1; shop.two_factor=1; better-auth.y=1; shopping=1`
    t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
    t.equal(upstream.seen.at(-1)?.headers.cookie, 'a=1; shopping=1')
    t.equal(remote.seen.at(-1)?.headers.cookie, `shop.session_token=${value}`)
    const other = `better-auth.session_token=${value}`
    const missing = await gateway.request('/api/x', { headers: { cookie: other } })
    t.equal(missing.json()['code'], 'credential_missing')
  },
)
