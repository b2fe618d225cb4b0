import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'

// A public catch-all and an optional parent: whatever slips past the private pattern would be served by one of them.
const routes = `
  - { name: site, match: { path: /* }, upstream: api, auth: none }
  - { name: api, match: { path: /api/* }, upstream: api, auth: optional }
  - { name: public, match: { path: /api/public/* }, upstream: api, auth: none }
  - { name: private, match: { path: /api/private/* }, upstream: api }
  - { name: item, match: { path: "/items/{id}" }, upstream: api }`

/** Ways to write `/api/private/x` or `/items/7` that one server or another has read as that path. */
const spellings = [
  ...[
    '/api%2fprivate/x',
    '/api%2Fprivate%2Fx',
    '/api/private%2fx',
    '/items%2f7',
    '/%2fapi/private/x',
  ],
  ...['/api%5cprivate/x', '/api\\private\\x', '/\\api/private/x', '/api/public\\..\\private/x'],
  ...['/%61pi/private/x', '/api/%70rivate/x', '/api/privat%65/x', '/items/%37', '/%69tems/7'],
  ...['/api/./private/x', '/api/public/../private/x', '/./api/private/x', '/../api/private/x'],
  ...['/api/public/%2e%2e/private/x', '/api/public/.%2e/private/x', '/api/%2e/private/x'],
  ...[
    '/api/public/..%2fprivate/x',
    '/api/public/%2e%2e%2fprivate/x',
    '/items/./7',
    '/items/../items/7',
  ],
  ...[
    '//api/private/x',
    '/api//private/x',
    '/api/private//x',
    '//items/7',
    '/items//7',
    '///api/private/x',
  ],
  ...[
    '/api;v=1/private/x',
    '/api/private;v=1/x',
    '/api/public/..;/private/x',
    '/items;x/7',
    '/;/items/7',
  ],
  ...[
    '/api/private%3bx/x',
    '/api/%00private/x',
    '/api/private%00/x',
    '/api/private%0a/x',
    '/items/7%0a',
  ],
  ...['/api/private/x%0d%0a', '/api/private%09/x', '/api/private%7f/x', '/api/private\u0001/x'],
  ...[
    '/api/public#/../private/x',
    '/api/private#/x',
    '/api/public/x#/../../private/x',
    '/items/7#',
  ],
  ...['/api%c0%afprivate/x', '/api/public/%c0%ae%c0%ae/private/x', '/api%e0%80%afprivate/x'],
  ...[
    '/api%252fprivate/x',
    '/api/public/%252e%252e/private/x',
    '/%2561pi/private/x',
    '/api%u002fprivate/x',
  ],
  ...['/api%25%32%66private/x', '/api/private%/x', '/api/private%2/x', '/api/private%ff/x'],
]

t.test('no spelling of a protected path reaches FastAPI without a credential', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  for (const target of spellings) {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const reply = await gateway.raw(
        `${method} ${target} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`,
      )
      t.match(
        reply,
        /^HTTP\/1\.1 400 [^]*"code":"(?:path_not_canonical|request_malformed)"/,
        target,
      )
    }
  }
  t.same(backend.seen, [])
  t.equal((await gateway.request('/api/private/x')).status, 401)
  t.equal((await gateway.request('/api/public/x')).status, 200)
})

t.test('nor does one as the target of an upgrade', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const upgrade =
    'Host: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
  for (const target of spellings) {
    const reply = await gateway.raw(`GET ${target} HTTP/1.1\r\n${upgrade}`)
    t.match(reply, /^HTTP\/1\.1 400 [^]*"code":"(?:path_not_canonical|request_malformed)"/, target)
  }
  t.same(backend.seen, [])
})

t.test('a target in another form gets the decision of its path, or none', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const cases: readonly (readonly [line: string, status: number])[] = [
    ['GET http://app.test/api/private/x', 401],
    ['GET HTTP://APP.TEST/api/private/x', 401],
    ['GET http://app.test/api/public/../private/x', 400],
    ['GET http://app.test//api/private/x', 400],
    ['GET http://app.test/api%2fprivate/x', 400],
    ['GET http://evil.test/api/public/x', 400],
    ['GET http://app.test.evil.test/api/public/x', 400],
    ['GET http://user@app.test/api/public/x', 400],
    ['GET http://app.test@evil.test/api/public/x', 400],
    ['GET http://app.test:8000/api/public/x', 400],
    ['GET ftp://app.test/api/public/x', 400],
    ['GET file:///api/public/x', 400],
    ['GET app.test:80', 400],
    ['GET api/public/x', 400],
    ['OPTIONS *', 400],
    ['GET *', 400],
    ['CONNECT app.test:80', 405],
  ]
  for (const [line, status] of cases) {
    const reply = await gateway.raw(
      `${line} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`,
    )
    t.match(reply, new RegExp(`^HTTP/1\\.1 ${status} `), line)
  }
  t.same(backend.seen, [])
  const ours = 'GET http://app.test/api/public/x?y HTTP/1.1\r\nHost: app.test\r\n'
  t.match(await gateway.raw(`${ours}Connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /)
  t.equal(backend.seen[0]!.url, '/api/public/x?y', 'FastAPI sees origin-form')
})

t.test('how long a target is never changes which route decides', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  for (const length of [1, 99, 100, 101, 255, 256, 1024, 4096, 8000]) {
    const long = 'x'.repeat(length)
    for (const target of [`/api/private/${long}`, `/items/${long}`, `/items/7?${long}`]) {
      const reply = await gateway.request(target)
      t.match(reply.json(), { code: 'credential_missing' }, `${target.slice(0, 12)} ${length}`)
    }
  }
  for (const length of [8200, 12_000, 16_000]) {
    const reply = await gateway.raw(
      `GET /api/private/${'x'.repeat(length)} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`,
    )
    t.match(reply, /^HTTP\/1\.1 (?:414|431) /, String(length))
  }
  t.same(backend.seen, [])
})

t.test(
  'the same spellings with a credential are refused too, and what is canonical arrives',
  async (t) => {
    const backend = await startBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const { cookie } = await signUp(gateway)
    for (const target of spellings) {
      const reply = await gateway.raw(
        `GET ${target} HTTP/1.1\r\nHost: app.test\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
      )
      t.match(reply, /^HTTP\/1\.1 400 /, target)
    }
    t.same(backend.seen, [])
    for (const target of [
      '/api/private/caf%C3%A9/a%20b?q=%2e%2e/..;#'.replace('#', ''),
      '/items/a.b',
    ]) {
      t.equal((await gateway.request(target, { headers: { cookie } })).status, 200)
      t.equal(backend.seen.at(-1)!.url, target)
    }
  },
)
