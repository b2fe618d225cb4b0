import t from 'tap'
import { startBackend, type Seen } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { tell } from './wire.ts'

const forged = 'mallory'

/** The lines of a request that claims to be somebody in every way that a header can be written. */
const claims = [
  ...['X-User-Id', 'x-user-id', 'X-USER-ID', 'X_User_Id', 'x_user-id', 'X-User_Id', 'X.User.Id'],
  ...['x.user-id', 'X-User-Email', 'X_USER_EMAIL', 'X-Sallyport-User', 'X-Forwarded-User'],
].map((name) => `${name}: ${forged}`)

function valuesOf(seen: Seen, name: string): string[] {
  return seen.rawHeaders.filter(
    (_value, index) => index % 2 === 1 && seen.rawHeaders[index - 1]!.toLowerCase() === name,
  )
}

t.test(
  'nobody can say who they are: by header, repeated, named, folded or in a trailer',
  async (t) => {
    const trailers: string[] = []
    const backend = await startBackend(t, (request, response) => {
      trailers.push(...request.rawTrailers)
      response.end()
    })
    const gateway = await startGateway(t, {
      upstream: backend.url,
      yaml: 'identity: { headers: { X-User-Id: user.id, X-User-Email: user.email } }',
    })
    const { id, cookie } = await signUp(gateway)
    const authorization = `Bearer ${mint(goodClaims({ sub: 'script-7' }))}`
    const callers = [
      { path: '/api/x', line: `Cookie: ${cookie}`, expected: [id] },
      { path: '/api/x', line: `Authorization: ${authorization}`, expected: ['script-7'] },
      { path: '/maybe/x', line: `Cookie: ${cookie}`, expected: [id] },
      { path: '/maybe/x', line: 'X-Nobody: 1', expected: [] },
      { path: '/open/x', line: `Cookie: ${cookie}`, expected: [] },
    ]
    for (const { path, line, expected } of callers) {
      const text = await tell(
        t,
        gateway.url,
        [
          `POST ${path} HTTP/1.1`,
          'Host: app.test',
          ...claims,
          line,
          ...claims,
          'Connection: close, X-User-Id, x-user-email, X-Request-Id, X-Forwarded-For',
          'Trailer: X-User-Id, Authorization',
          'Transfer-Encoding: chunked',
          '',
          `2\r\nhi\r\n0\r\nX-User-Id: ${forged}\r\nAuthorization: Bearer ${forged}\r\n\r\n`,
        ].join('\r\n'),
      )
      t.match(text, /^HTTP\/1\.1 200 /, path)
      const seen = backend.seen.at(-1)!
      t.same(valuesOf(seen, 'x-user-id'), expected, path)
      t.equal(seen.body.toString(), 'hi')
      t.notMatch(JSON.stringify(seen.rawHeaders), forged, path)
      t.notOk('trailer' in seen.headers, path)
      t.equal(valuesOf(seen, 'x-request-id').length, 1)
      t.equal(valuesOf(seen, 'x-forwarded-for').length, 1)
    }
    t.same(trailers, [])
    const count = backend.seen.length
    for (const bad of [
      `X-Ok: a\r\n X-User-Id: ${forged}`,
      `X-User-Id : ${forged}`,
      `X-User-Id\r\n`,
    ]) {
      const text = await tell(
        t,
        gateway.url,
        `GET /open/x HTTP/1.1\r\nHost: app.test\r\n${bad}\r\n\r\n`,
      )
      t.match(text, /^HTTP\/1\.1 400 /, bad)
    }
    t.equal(backend.seen.length, count)
  },
)

t.test('the Connection header cannot take away what we vouch for', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { id, cookie } = await signUp(gateway)
  for (const connection of [
    'x-user-id',
    'X-User-Id, Authorization, Cookie, Host',
    'close, authorization ,x-user-id,,content-length, transfer-encoding',
  ]) {
    const text = await tell(
      t,
      gateway.url,
      `POST /api/x HTTP/1.1\r\nHost: app.test\r\nCookie: ${cookie}\r\nConnection: ${connection}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi`,
    )
    t.match(text, /^HTTP\/1\.1 200 /, connection)
    const seen = backend.seen.at(-1)!
    t.same(valuesOf(seen, 'x-user-id'), [id], connection)
    t.match(valuesOf(seen, 'authorization'), [/^Bearer ey/], connection)
    t.same(valuesOf(seen, 'host'), ['app.test'])
    t.equal(seen.body.toString(), 'hi')
  }
})

t.test('where a request came from is what the socket says, and trusted proxies only', async (t) => {
  const backend = await startBackend(t)
  const lies = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-port': '1',
    'x-forwarded-prefix': '/admin',
    'x-real-ip': '203.0.113.9',
    forwarded: 'for=203.0.113.9;host=evil.test',
    'x-original-url': '/api/admin',
    'x-rewrite-url': '/api/admin',
  }
  for (const [trustedProxies, address] of [
    ['192.0.2.1', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.9'],
  ] as const) {
    const gateway = await startGateway(t, { upstream: backend.url, trustedProxies })
    t.equal((await gateway.request('/open/x', { headers: lies })).status, 200)
    const { headers } = backend.seen.at(-1)!
    t.equal(headers['x-forwarded-for'], address)
    t.equal(headers['x-forwarded-proto'], 'http')
    t.equal(headers['x-forwarded-host'], 'app.test')
    for (const name of ['x-real-ip', 'forwarded', 'x-original-url', 'x-rewrite-url']) {
      t.notOk(name in headers, name)
    }
    t.notOk('x-forwarded-prefix' in headers)
    t.notOk('x-forwarded-port' in headers)
  }
})

t.test('no header changes which method or path is decided about', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: `
  - { name: read, match: { path: /api/*, methods: [GET] }, upstream: api, auth: none }
  - { name: write, match: { path: /api/*, methods: [POST, PUT, PATCH, DELETE, OPTIONS] }, upstream: api }`,
  })
  const overrides = {
    'x-http-method-override': 'GET',
    'x-http-method': 'GET',
    'x-method-override': 'GET',
    'x-original-method': 'GET',
    'x-original-url': '/api/open',
    'x-forwarded-uri': '/api/open',
    'access-control-request-method': 'GET',
    origin: 'http://app.test',
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    const reply = await gateway.request('/api/x?_method=GET', { method, headers: overrides })
    t.equal(reply.status, 401, method)
  }
  t.same(backend.seen, [])
  t.equal((await gateway.request('/api/x', { headers: { ...overrides } })).status, 200)
  t.equal((await gateway.request('/api/x', { method: 'HEAD' })).status, 200)
  t.same(
    backend.seen.map(({ method }) => method),
    ['GET', 'HEAD'],
  )
})

t.test('a token anywhere but in Authorization is no credential', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const token = mint(goodClaims())
  for (const headers of [
    {},
    { cookie: `access_token=${token}; authorization=Bearer ${token}` },
    { 'x-access-token': token, 'x-api-key': token, 'proxy-authorization': `Bearer ${token}` },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'sec-websocket-protocol': `bearer, ${token}` },
  ]) {
    const reply = await gateway.request(`/api/x?access_token=${token}&token=${token}`, {
      method: 'POST',
      headers,
      body: `access_token=${token}`,
    })
    t.equal(reply.json()['code'], 'credential_missing', JSON.stringify(Object.keys(headers)))
  }
  t.same(backend.seen, [])
})

t.test('the names of this machine are ours in dev only', async (t) => {
  const backend = await startBackend(t)
  for (const dev of [false, true]) {
    const gateway = await startGateway(t, { upstream: backend.url, dev })
    for (const host of ['localhost', '127.0.0.1:8080', '[::1]:1', 'LOCALHOST:65535']) {
      const text = await tell(
        t,
        gateway.url,
        `GET /open/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      )
      t.match(text, dev ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 400 [^]*host_unknown/, host)
    }
  }
})

t.test('a session cookie counts in whichever Cookie header it comes', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { id, cookie } = await signUp(gateway)
  const ask = (lines: string): Promise<string> =>
    tell(
      t,
      gateway.url,
      `GET /api/x HTTP/1.1\r\nHost: app.test\r\n${lines}Connection: close\r\n\r\n`,
    )
  t.match(await ask(`Cookie: a=1\r\nCookie: ${cookie}\r\nCookie: b=2\r\n`), /^HTTP\/1\.1 200 /)
  t.equal(backend.seen[0]!.headers['x-user-id'], id)
  t.same(valuesOf(backend.seen[0]!, 'cookie'), ['a=1', 'b=2'])
  t.match(await ask(`Cookie: ${cookie}\r\nCookie: ${cookie}\r\n`), /"code":"session_invalid"/)
  t.equal(backend.seen.length, 1)
})
