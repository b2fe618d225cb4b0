import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'
import { goodClaims, mint } from '../helper/token.ts'

t.test('every refusal of a road has the uniform body and its headers', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: `
  - { name: api, match: { path: /api/*, methods: [GET, POST] }, upstream: api }
  - { name: small, match: { path: /small }, upstream: api, auth: none, bodyLimit: 1B }`,
  })
  const cases = {
    'no credential': [401, 'credential_missing', 'login', '/api/x', {}],
    'a forged cookie': [
      401,
      'session_invalid',
      'login',
      '/api/x',
      { cookie: 'better-auth.session_token=x' },
    ],
    'a bad token': [401, 'token_invalid', 'login', '/api/x', { authorization: 'Bearer x' }],
    'another scheme': [401, 'token_not_accepted', 'none', '/api/x', { authorization: 'Basic x' }],
    'no route': [404, 'route_not_found', 'none', '/elsewhere', {}],
    'an unknown endpoint of ours': [404, 'route_not_found', 'none', '/_gateway/nothing', {}],
    'a path with a dot segment': [400, 'path_not_canonical', 'none', '/api/../x', {}],
    'a path that cannot be decoded': [400, 'path_not_canonical', 'none', '/api/%zz', {}],
    'an upgrade': [
      400,
      'upgrade_not_allowed',
      'none',
      '/api/x',
      { connection: 'upgrade', upgrade: 'websocket' },
    ],
    'another host': [400, 'host_unknown', 'none', '/api/x', { host: 'evil.test' }],
    'a long target': [414, 'uri_too_long', 'none', `/api/${'x'.repeat(9000)}`, {}],
    'long headers': [431, 'headers_too_large', 'none', '/api/x', { 'x-long': 'x'.repeat(20_000) }],
    'a token of 100 kB': [
      431,
      'headers_too_large',
      'none',
      '/api/x',
      { authorization: `Bearer ${'x'.repeat(100_000)}` },
    ],
  } as const
  for (const [why, [status, code, action, path, headers]] of Object.entries(cases)) {
    const lines = Object.entries({ host: 'app.test', connection: 'close', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    )
    const text = await gateway.raw(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    const [head = '', body = ''] = text.split('\r\n\r\n')
    t.match(head, new RegExp(`^HTTP/1.1 ${status} `), why)
    t.match(head, /content-type: application\/problem\+json\r?\n?/i, why)
    t.match(head, /cache-control: no-store/i, why)
    t.match(head, /x-request-id: \S+/i, why)
    t.equal(/www-authenticate: Bearer realm=/i.test(head), status === 401, why)
    t.match(
      JSON.parse(body),
      { type: String, title: String, status, detail: String, code, action, requestId: String },
      why,
    )
  }
  t.equal(backend.seen.length, 0)
})

t.test('a missing or repeated Host is a 400 in the uniform body', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  for (const lines of [
    '',
    'Host: app.test\r\nHost: app.test\r\n',
    'Host: \r\n',
    'Host: app.test:80:80\r\n',
    'Host: app.test/x\r\n',
    'Host: app.test@evil\r\n',
  ]) {
    const reply = await gateway.raw(`GET /api/x HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`)
    t.match(reply, /^HTTP\/1\.1 400 /, lines)
    t.match(reply, /"code":"host_unknown"|"code":"request_malformed"/, lines)
  }
})

t.test('a 405 names the methods that there are', async (t) => {
  const gateway = await startGateway(t, {
    upstream: (await startBackend(t)).url,
    routes:
      '\n  - { name: r, match: { path: /r, methods: [GET] }, upstream: api, auth: none }\n  - { name: all, match: { path: /* }, upstream: api, auth: none }',
  })
  for (const method of ['POST', 'DELETE', 'TRACE', 'PROPFIND']) {
    const reply = await gateway.raw(
      `${method} /r HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`,
    )
    t.match(reply, /^HTTP\/1\.1 405 [^]*allow: GET, HEAD/i, method)
  }
  t.match(
    await gateway.raw('GET /r HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1\.1 200 /,
  )
})

t.test(
  'CONNECT, bytes that are no HTTP and conflicting framing are answered and closed',
  async (t) => {
    const backend = await startBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url })
    for (const bytes of [
      'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n',
      'NONSENSE\r\n\r\n',
      'QUERY /open/x HTTP/9.9\r\n\r\n',
      'GET /open/x HTTP/1.1\r\nHost : app.test\r\n\r\n',
      'POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      'POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: xchunked\r\n\r\n',
      'GET /open/x HTTP/1.1\r\nHost: app.test\r\nX: a\r\n folded: b\r\n\r\n',
    ]) {
      const reply = await gateway.raw(bytes)
      t.match(reply, /^HTTP\/1\.1 4\d\d /, bytes.slice(0, 60))
      t.match(reply, /application\/problem\+json/, bytes.slice(0, 60))
    }
    t.equal(backend.seen.length, 0)
    t.equal((await gateway.request('/open/x')).status, 200, 'the process lives')
  },
)

t.test('a person is sent to the login page, a program never', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  const page = await gateway.request('/api/todos?page=2', {
    headers: { 'sec-fetch-mode': 'navigate', accept: 'text/html' },
  })
  t.match(page, {
    status: 302,
    headers: { location: '/_gateway/login?return_to=%2Fapi%2Ftodos%3Fpage%3D2' },
  })
  for (const mode of ['cors', 'no-cors', 'same-origin', 'websocket']) {
    const reply = await gateway.request('/api/todos', {
      headers: { 'sec-fetch-mode': mode, accept: 'text/html' },
    })
    t.equal(reply.status, 401, mode)
  }
  const missing = await gateway.request('/nowhere', { headers: { 'sec-fetch-mode': 'navigate' } })
  t.equal(missing.status, 404)
  t.match(missing.headers['content-type'], 'text/html')
  t.match(missing.headers['content-security-policy'], /default-src 'none'/)
  t.match(missing.text, /route_not_found/)
})

t.test("FastAPI's own 401 is explained, logged with a hint, and starts no refresh", async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Bearer' })
    response.end('{"detail":"Could not validate credentials"}')
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: `
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }
  - { name: pass, match: { path: /pass/* }, upstream: api, upstream401: pass }`,
  })
  const authorization = `Bearer ${mint(goodClaims())}`
  const explained = await gateway.request('/api/x', { headers: { authorization } })
  t.match(explained.json(), {
    code: 'upstream_unauthorized',
    action: 'none',
    detail: 'Could not validate credentials',
  })
  t.ok(gateway.log.some(({ level, msg }) => level === 40 && String(msg).includes('JWT_SECRET')))
  const anonymous = await gateway.request('/maybe/x')
  t.match(anonymous.json(), {
    code: 'credential_missing',
    action: 'login',
    detail: 'Could not validate credentials',
  })
  const passed = await gateway.request('/pass/x', { headers: { authorization } })
  t.equal(passed.text, '{"detail":"Could not validate credentials"}')
})
