import t from 'tap'
import { closedPort, startBackend } from '../../helper/backend.ts'
import { host, origin, password, signUp, startGateway } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { dial } from '../hostile/wire.ts'
import { send } from '../verify/questions.ts'
import { until } from '../websocket/client.ts'
import { recordOf, recordsOf } from './records.ts'

const routes = `
  - { name: api, match: { path: /api/*, methods: [GET, POST] }, upstream: api, bodyLimit: 10B }
  - { name: admin, match: { path: /admin/* }, upstream: api, auth: { roles: [admin] } }
  - { name: few, match: { path: /few }, upstream: api, rateLimit: { requests: 1, per: 1h, by: user } }
  - { name: away, match: { path: /away }, upstream: away, auth: none }
  - { name: shared, match: { path: /shared }, upstream: api, auth: none, cors: { origins: ["https://other.test"] } }
  - { name: files, match: { path: /files/* }, static: { dir: ./web }, auth: none }`

t.test('whatever becomes of a request, there is one record that says so', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    response.writeHead(request.url?.includes('unauthorized') === true ? 401 : 200).end('{}')
  })
  const gateway = await startGateway(t, {
    upstream: `  api: "${backend.url}"\n  away: "${await closedPort()}"`,
    routes,
    yaml: 'verify: { from: [127.0.0.1], dialect: nginx }',
    auth: "signUp: open, trustedOrigins: ['https://other.test']",
    files: { web: {} as never },
  })
  const ada = await signUp(gateway)
  const { cookie } = ada
  const bearer = { authorization: `Bearer ${mint(goodClaims())}` }
  const known = { userId: ada.id, credential: 'session' }
  const target = backend.url
  const json = { 'content-type': 'application/json' }
  const cases: [string, Parameters<typeof gateway.request>, Record<string, unknown>][] = [
    [
      'forwarded',
      ['/api/x?secret=1', { headers: { cookie, 'x-request-id': 'request-1' } }],
      {
        ...{ requestId: 'request-1', kind: 'http', method: 'GET', path: '/api/x', route: 'api' },
        ...{ decision: 'forwarded', code: null, observed: null, status: 200, cut: false, ...known },
        ...{ upstream: 'api', target, host, presented: ['cookie'], address: '127.0.0.1' },
      },
    ],
    [
      'a foreign token',
      ['/api/x', { headers: bearer }],
      { userId: goodClaims()['sub'], credential: 'bearer', presented: ['authorization'] },
    ],
    [
      'nobody',
      ['/api/x'],
      { decision: 'refused', code: 'credential_missing', status: 401, route: 'api', userId: null },
    ],
    [
      'a person is sent to the login page',
      ['/api/x', { headers: { 'sec-fetch-mode': 'navigate', accept: 'text/html' } }],
      { decision: 'refused', code: 'credential_missing', status: 302 },
    ],
    [
      'a role is missing, of somebody',
      ['/admin/x', { headers: { cookie } }],
      { decision: 'refused', code: 'role_missing', status: 403, route: 'admin', ...known },
    ],
    [
      "FastAPI's own refusal, in our words",
      ['/api/unauthorized', { headers: { cookie } }],
      { decision: 'refused', code: 'upstream_unauthorized', status: 401, upstream: 'api', target },
    ],
    ['no route', ['/nowhere'], { decision: 'refused', code: 'route_not_found', route: null }],
    [
      'a method that the route does not have',
      ['/api/x', { method: 'DELETE' }],
      { decision: 'refused', code: 'method_not_allowed', status: 405, route: null },
    ],
    [
      'a body that is too large',
      ['/api/x', { method: 'POST', body: 'x'.repeat(11), headers: { cookie, origin } }],
      { decision: 'refused', code: 'body_too_large', status: 413, route: 'api' },
    ],
    [
      'nobody to reach',
      ['/away'],
      { decision: 'refused', code: 'upstream_unreachable', status: 502, upstreamMs: null },
    ],
    ['a path that is none', ['/api/%2e%2e/x'], { code: 'path_not_canonical', status: 400 }],
    ['a path that cannot be decoded', ['/api/%ff'], { code: 'path_not_canonical', status: 400 }],
    ['a file that is not there', ['/files/x'], { decision: 'refused', code: 'route_not_found' }],
    [
      'a preflight',
      [
        '/shared',
        {
          method: 'OPTIONS',
          headers: { origin: 'https://other.test', 'access-control-request-method': 'GET' },
        },
      ],
      { decision: 'preflight', status: 204, code: null, route: null },
    ],
    [
      'an endpoint',
      ['/_gateway/session', { headers: { cookie } }],
      { decision: 'endpoint', status: 200, route: null, ...known },
    ],
    [
      'an endpoint that refuses',
      ['/_gateway/token', { method: 'POST' }],
      { decision: 'refused', code: 'credential_missing', status: 401 },
    ],
    [
      'Better Auth',
      [
        '/api/auth/sign-in/email',
        { method: 'POST', headers: json, body: JSON.stringify({ email: ada.email, password }) },
      ],
      { decision: 'endpoint', status: 200, path: '/api/auth/sign-in/email', userId: null },
    ],
    [
      'a form that is none',
      ['/_gateway/login', { method: 'POST', headers: { origin, ...json }, body: '{}' }],
      { decision: 'refused', code: 'request_malformed' },
    ],
  ]
  for (const [name, [path, call], expected] of cases) {
    const record = await recordOf(gateway, () => gateway.request(path, call))
    t.match(record, expected, name)
    t.ok(record.durationMs >= record.admissionMs && record.admissionMs > 0, `times of ${name}`)
    if (record.decision === 'forwarded') t.ok((record.upstreamMs ?? 0) > 0)
  }
  const limited = await recordsOf(
    gateway,
    async () => {
      await gateway.request('/few', { headers: { cookie } })
      await gateway.request('/few', { headers: { cookie } })
    },
    2,
  )
  t.match(limited[1], { code: 'rate_limited', status: 429, route: 'few', ...known })
  const asked = await recordOf(gateway, () =>
    send(gateway.url, '/_gateway/verify', {
      'x-original-method': 'GET',
      'x-original-uri': '/api/asked?token=1',
      'x-forwarded-for': '192.0.2.7',
    }),
  )
  const about = { decision: 'verify', path: '/api/asked', route: 'api', address: '192.0.2.7' }
  t.match(asked, { ...about, code: 'credential_missing', status: 401, userId: null })
})

t.test('what never became a request is said too, once', async (t) => {
  const gateway = await startGateway(t, { upstream: await closedPort() })
  const cases: [string, string, Record<string, unknown>][] = [
    ['no HTTP', 'nonsense\r\n\r\n', { method: '', path: '', status: 400, address: '127.0.0.1' }],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      { status: 431 },
    ],
    [
      'a tunnel',
      'CONNECT user:secret@other.test:443 HTTP/1.1\r\nHost: other.test\r\n\r\n',
      { method: 'CONNECT', path: '', code: 'method_not_allowed', status: 405 },
    ],
    [
      'the target of a proxy',
      `GET http://user:secret@other.test/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      { path: '', code: 'path_not_canonical', status: 400 },
    ],
    [
      'another version',
      `GET /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      { code: 'request_malformed', status: 400, path: '/x' },
    ],
    [
      'a method that nobody knows',
      `PROPFIND /api/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      { method: 'PROPFIND', status: 405 },
    ],
  ]
  for (const [name, bytes, expected] of cases) {
    t.match(
      await recordOf(gateway, () => gateway.raw(bytes)),
      { decision: 'refused', ...expected },
      name,
    )
  }
})

t.test('a body that is no HTTP belongs to its request', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const bytes = `POST /open/x HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: request-2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nnonsense\r\n`
  const answers: string[] = []
  const record = await recordOf(gateway, async () => answers.push(await gateway.raw(bytes)))
  t.match(record, { requestId: 'request-2', path: '/open/x', route: 'open', status: 400 })
  t.match(record, { decision: 'refused', code: 'request_malformed' })
  t.match(answers[0], /"requestId":"request-2"/)
})

t.test('a client that leaves, and an answer that is cut', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    if (request.url?.endsWith('never') === true) return
    response.writeHead(200, { 'content-length': '100' }).write('begun')
    setImmediate(() => response.destroy())
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const left = await recordOf(gateway, async () => {
    const wire = await dial(t, gateway.url)
    wire.send(`GET /open/never HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await until(() => backend.seen.length === 1)
    wire.socket.destroy()
  })
  t.match(left, { decision: 'forwarded', status: null, cut: false, code: null, upstreamMs: null })
  const cut = await recordOf(gateway, () =>
    gateway.raw(`GET /open/cut HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  )
  t.match(cut, { decision: 'forwarded', status: 200, cut: true, code: 'upstream_unreachable' })
})
