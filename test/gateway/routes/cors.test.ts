import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { closedPort, startBackend, startRawBackend, type Answer } from '../../helper/backend.ts'
import { signUp, startGateway, type Running, type StartOptions } from '../../helper/gateway.ts'

const partner = 'https://partner.test'
const trusted = 'https://app2.test'
const stranger = 'https://evil.test'

const routes = `
  - name: shared
    match: { path: /api/*, methods: [GET, POST, PUT] }
    upstream: api
    cors: { origins: ["${partner}", "${trusted}"] }
    bodyLimit: 1KB
  - { name: plain, match: { path: /plain/* }, upstream: api, auth: none }
  - name: open
    match: { path: /open/* }
    upstream: api
    auth: none
    cors: { origins: ["${partner}"] }`

async function start(
  t: Test,
  options: Partial<StartOptions> & { readonly answer?: Answer } = {},
): Promise<Running> {
  const { answer, ...more } = options
  const upstream = more.upstream ?? (await startBackend(t, answer)).url
  const auth = `signUp: open, trustedOrigins: ["${trusted}"]`
  return startGateway(t, { routes, auth, ...more, upstream })
}

const preflight = { 'access-control-request-method': 'PUT' }

t.test('a preflight is answered without a login, and FastAPI is not asked', async (t) => {
  const backend = await startBackend(t)
  const gateway = await start(t, { upstream: backend.url })
  const headers = {
    ...preflight,
    origin: partner,
    'access-control-request-headers': 'authorization, x-csrf',
  }
  const reply = await gateway.request('/api/todos', { method: 'OPTIONS', headers })
  t.match(reply, { status: 204, text: '' })
  t.match(reply.headers, {
    'access-control-allow-origin': partner,
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': 'authorization, x-csrf',
    'access-control-max-age': '600',
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  })
  t.notOk('access-control-allow-credentials' in reply.headers, 'a partner sends no cookies')
  const ours = await gateway.request('/api/todos', {
    method: 'OPTIONS',
    headers: { ...preflight, origin: trusted },
  })
  t.equal(ours.headers['access-control-allow-credentials'], 'true')
  t.equal(backend.seen.length, 0)
})

t.test('a preflight allows nothing to an origin that is not listed', async (t) => {
  const gateway = await start(t)
  for (const origin of [stranger, 'null', `${partner}.evil.test`, 'https://PARTNER.test', '']) {
    const reply = await gateway.request('/api/todos', {
      method: 'OPTIONS',
      headers: { ...preflight, origin },
    })
    t.equal(reply.status, 204, origin)
    t.notMatch(Object.keys(reply.headers).join(), 'access-control', origin)
    t.match(reply.headers['vary'], /\bOrigin\b/)
  }
})

t.test('a preflight weakens nothing: what it asks for still needs a login', async (t) => {
  const backend = await startBackend(t)
  const gateway = await start(t, { upstream: backend.url })
  const asked = await gateway.request('/api/todos', {
    method: 'OPTIONS',
    headers: { origin: partner, 'access-control-request-method': 'DELETE' },
  })
  t.match(asked.json(), { code: 'method_not_allowed' }, 'no route serves that method')
  const plain = await gateway.request('/api/todos', {
    method: 'OPTIONS',
    headers: { origin: partner },
  })
  t.match(plain.json(), { code: 'method_not_allowed' }, 'OPTIONS without a question is a method')
  const put = await gateway.request('/api/todos', { method: 'PUT', headers: { origin: partner } })
  t.match(put.json(), { code: 'credential_missing' })
  t.equal(backend.seen.length, 0)
})

t.test('without cors on its route a preflight is a request like any other', async (t) => {
  const gateway = await start(t, {
    answer: (_request, response) => {
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'X-Total',
        vary: 'Accept',
        'x-total': '7',
      })
      response.end('from FastAPI')
    },
  })
  const headers = { ...preflight, origin: stranger }
  for (const method of ['OPTIONS', 'GET'] as const) {
    const reply = await gateway.request('/plain/x', { method, headers })
    t.match(reply, { status: 200, text: 'from FastAPI' })
    t.match(reply.headers, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'X-Total',
      vary: 'Accept',
    })
  }
})

t.test("with cors on its route FastAPI's own headers give way to ours", async (t) => {
  const gateway = await start(t, {
    answer: (_request, response) => {
      response.setHeader('vary', ['Accept-Encoding', 'origin'])
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'X-Total',
        'x-total': '7',
      })
      response.end('from FastAPI')
    },
  })
  const listed = await gateway.request('/open/x', { headers: { origin: partner } })
  t.equal(listed.headers['access-control-allow-origin'], partner)
  t.notOk('access-control-allow-credentials' in listed.headers)
  t.equal(listed.headers['vary'], 'Accept-Encoding, origin')
  t.match(listed.headers['access-control-expose-headers'], /^X-Total, X-Request-Id, /)
  for (const headers of [{ origin: stranger }, {}]) {
    const reply = await gateway.request('/open/x', { headers })
    t.match(reply, { status: 200, text: 'from FastAPI' })
    t.notMatch(Object.keys(reply.headers).join(), 'access-control')
    t.match(reply.headers['vary'], /\borigin\b/i)
  }
})

function isReadable(
  t: Test,
  reply: { readonly headers: Record<string, unknown> },
  label: string,
): void {
  t.equal(reply.headers['access-control-allow-origin'], partner, label)
  t.match(reply.headers['vary'], /\bOrigin\b/, label)
}

t.test('a page of another origin can read every refusal', async (t) => {
  const gateway = await start(t)
  const origin = partner
  const expected = {
    credential_missing: await gateway.request('/api/x', { headers: { origin } }),
    token_invalid: await gateway.request('/api/x', {
      headers: { origin, authorization: 'Bearer x' },
    }),
    method_not_allowed: await gateway.request('/api/x', { method: 'DELETE', headers: { origin } }),
    body_too_large: await gateway.request('/api/x', {
      method: 'POST',
      headers: { origin },
      body: 'x'.repeat(1025),
    }),
    request_malformed: await gateway.request('/api/x', {
      headers: ['origin', origin, 'content-type', 'a/b', 'content-type', 'a/b'],
    }),
    path_not_canonical: await gateway.request('/api/x%2Fy', { headers: { origin } }),
  }
  for (const [code, reply] of Object.entries(expected)) {
    t.match(reply.json(), { code })
    isReadable(t, reply, code)
  }
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
  const counted = await gateway.raw(
    `POST /open/x HTTP/1.1\r\nHost: app.test\r\nOrigin: ${partner}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(1100)}0\r\n\r\n`,
  )
  t.match(counted, /^HTTP\/1\.1 413 [^]*access-control-allow-origin: https:\/\/partner\.test/i)
  const foreign = await gateway.request('/api/x', { headers: { origin: stranger } })
  t.notOk('access-control-allow-origin' in foreign.headers)
})

t.test('a page of another origin can read that FastAPI failed', async (t) => {
  const headers = { origin: partner }
  const dead = await start(t, { upstream: await closedPort() })
  const unreachable = await dead.request('/open/x', { headers })
  t.match(unreachable.json(), { code: 'upstream_unreachable' })
  isReadable(t, unreachable, '502')
  const silent = await startRawBackend(t, () => undefined)
  await t.test('in time', async (t) => {
    const slow = await start(t, {
      upstream: `  api: { url: "${silent}", timeout: { firstByte: 100ms } }`,
    })
    const late = await slow.request('/open/x', { headers })
    t.match(late.json(), { code: 'upstream_timeout' })
    isReadable(t, late, '504')
  })
})

t.test('a page of another origin can read that there is no room', async (t) => {
  const held: (() => void)[] = []
  const gateway = await start(t, {
    answer: (_request, response) => held.push(() => response.end()),
    server: 'limits: { requestsPerClient: 1 }',
  })
  const first = gateway.request('/open/x')
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const reply = await gateway.request('/open/x', { headers: { origin: partner } })
  t.match(reply.json(), { code: 'overloaded' })
  isReadable(t, reply, '503')
  held[0]?.()
  await first
})

t.test('a cookie from a partner without trust decides nothing', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const post = async (origin: string): Promise<Record<string, unknown>> => {
    const reply = await gateway.request('/api/x', { method: 'POST', headers: { origin, cookie } })
    return reply.status === 200 ? { code: 'passed', ...reply.headers } : reply.json()
  }
  t.match(await post(partner), { code: 'origin_rejected' })
  t.match(await post(trusted), {
    code: 'passed',
    'access-control-allow-origin': trusted,
    'access-control-allow-credentials': 'true',
  })
})

t.test('a connection that is kept does not carry one origin over to the next', async (t) => {
  const gateway = await start(t)
  const { port } = new URL(gateway.url)
  const socket = connect(Number(port), '127.0.0.1')
  const text = new Promise<string>((resolve) => {
    let all = ''
    socket.on('data', (chunk: Buffer) => (all += chunk.toString()))
    socket.on('close', () => {
      resolve(all)
    })
  })
  const ask = (origin: string, more: string): string =>
    `GET /open/x HTTP/1.1\r\nHost: app.test\r\nOrigin: ${origin}\r\n${more}\r\n`
  socket.write(ask(partner, '') + ask(stranger, 'Connection: close\r\n'))
  const answers = (await text).split('HTTP/1.1 200').slice(1)
  t.equal(answers.length, 2)
  t.match(answers[0], /access-control-allow-origin: https:\/\/partner\.test/i)
  t.notMatch(answers[1]?.split('\r\n\r\n')[0], /access-control/i)
})
