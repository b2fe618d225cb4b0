import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { host, origin, signUp, startGateway } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { tell } from '../hostile/wire.ts'
import { send } from './questions.ts'

const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: live, match: { path: /live/* }, upstream: api, websocket: true }
  - { name: few, match: { path: /few/* }, upstream: api, auth: none, rateLimit: { requests: 1, per: 1m, by: ip } }
  - { name: shared, match: { path: /shared/* }, upstream: api, cors: { origins: ["https://friend.test"] } }
  - { name: api, match: { path: /api/* }, upstream: api }`

async function start(t: Test, dialect: string, from = '127.0.0.1', more = '') {
  const backend = await startBackend(t)
  const yaml = `verify: { from: [${from}], dialect: ${dialect} }\n${more}`
  const gateway = await startGateway(t, { upstream: backend.url, routes, yaml })
  return { backend, gateway }
}

const from = { 'x-forwarded-for': '203.0.113.7' }

/** The headers in which a proxy of this dialect asks, but for those that it passes on. */
function about(dialect: string, method: string, uri: string): Record<string, string> {
  return dialect === 'nginx'
    ? { ...from, 'x-original-method': method, 'x-original-uri': uri }
    : {
        ...from,
        'x-forwarded-method': method,
        'x-forwarded-uri': uri,
        'x-forwarded-host': host,
        // Traefik asks under the name by which it knows us.
        host: 'sallyport:8080',
      }
}

for (const dialect of ['nginx', 'traefik', 'caddy']) {
  t.test(`${dialect} is told who sent a request, and nothing is forwarded`, async (t) => {
    const { backend, gateway } = await start(t, dialect)
    const { id, cookie } = await signUp(gateway)
    const ask = (method: string, uri: string, headers: Record<string, string> = {}) =>
      send(gateway.url, '/_gateway/verify', { ...about(dialect, method, uri), ...headers })
    const good = await ask('GET', '/api/x?a=1', { cookie: `theme=dark; ${cookie}` })
    t.equal(good.status, 200)
    t.match(good.headers, {
      'x-user-id': id,
      authorization: /^Bearer ey/,
      cookie: 'theme=dark',
      'cache-control': 'no-store',
    })
    t.equal(good.text, '')
    const open = await ask('DELETE', '/open/x', { 'x-user-id': 'root', authorization: 'Basic x' })
    t.equal(open.status, 200)
    t.match(open.headers, { authorization: '', cookie: '' })
    t.equal(open.headers['x-user-id'], undefined)
    const foreign = { authorization: `Bearer ${mint(goodClaims())}` }
    t.match((await ask('GET', '/api/x', foreign)).headers, { 'x-user-id': 'user-1', ...foreign })
    const evil = await ask('POST', '/api/x', { cookie, origin: 'https://evil.test' })
    t.match(evil, { status: 403, headers: { 'x-sallyport-code': 'origin_rejected' } })
    t.equal((await ask('POST', '/api/x', { cookie, origin })).status, 200)
    for (const path of ['/_gateway/session', '/_gateway/verify', '/api/auth/get-session']) {
      const reply = await ask('GET', path, { cookie })
      t.match(reply.headers, { 'x-sallyport-code': 'route_not_found' }, `${path} is ours`)
    }
    const preflight = { origin: 'https://friend.test', 'access-control-request-method': 'PUT' }
    const asked = await ask('OPTIONS', '/shared/x', preflight)
    t.match(asked, { status: 200, headers: { authorization: '', cookie: '' } })
    t.equal(backend.seen.length, 0)
  })

  t.test(`${dialect} has to say what it asks about, once`, async (t) => {
    const { gateway } = await start(t, dialect)
    const { cookie } = await signUp(gateway)
    const whole = { ...about(dialect, 'GET', '/open/x'), cookie }
    const names = Object.keys(whole).filter((name) => !['cookie', 'host'].includes(name))
    for (const name of names) {
      const rest = Object.entries(whole).filter(([each]) => each !== name)
      const without = await send(gateway.url, '/_gateway/verify', rest.flat())
      t.equal(without.headers['x-sallyport-code'], 'request_malformed', `without ${name}`)
      t.equal(without.status, dialect === 'nginx' ? 403 : 400)
      if (name === 'x-forwarded-for') continue
      const flat = Object.entries(whole).flat()
      for (const twice of [
        [...flat, name, whole[name as keyof typeof whole]],
        [...flat, name.toUpperCase(), '/api/x'],
      ]) {
        const reply = await send(gateway.url, '/_gateway/verify', twice)
        t.equal(reply.headers['x-sallyport-code'], 'request_malformed', `${name} twice`)
      }
    }
    for (const [method, uri] of [
      ['get', '/open/x'],
      ['GET POST', '/open/x'],
      ['GET', 'open/x'],
      ['GET', 'http://app.test/open/x'],
      ['GET', '*'],
    ] as const) {
      const reply = await send(gateway.url, '/_gateway/verify', about(dialect, method, uri))
      t.equal(reply.headers['x-sallyport-code'], 'request_malformed', `${method} ${uri}`)
    }
    const elsewhere = { ...whole, host: 'evil.test', 'x-forwarded-host': 'evil.test' }
    const reply = await send(gateway.url, '/_gateway/verify', elsewhere)
    t.equal(reply.headers['x-sallyport-code'], 'host_unknown')
  })
}

t.test('nginx as Kubernetes has it says all of it in one header', async (t) => {
  const { gateway } = await start(t, 'nginx')
  const { id, cookie } = await signUp(gateway)
  const whole = { ...from, cookie, host: 'sallyport.svc', 'x-original-method': 'GET' }
  const url = 'http://app.test/api/x?a=1'
  const good = await send(gateway.url, '/_gateway/verify', { ...whole, 'x-original-url': url })
  t.match(good, { status: 200, headers: { 'x-user-id': id } })
  for (const more of [
    { 'x-original-url': url, 'x-original-uri': '/open/x' },
    { 'x-original-url': '/api/x' },
    { 'x-original-url': 'http://app.test' },
    { 'x-original-url': 'ftp://app.test/api/x' },
  ] as Record<string, string>[]) {
    const reply = await send(gateway.url, '/_gateway/verify', { ...whole, ...more })
    t.equal(reply.headers['x-sallyport-code'], 'request_malformed')
  }
})

t.test('Envoy asks with the request itself', async (t) => {
  const { gateway, backend } = await start(t, 'envoy')
  const { id, cookie } = await signUp(gateway)
  const ask = (path: string, method = 'GET', more: Record<string, string> = {}) =>
    send(gateway.url, `/_gateway/verify${path}`, { ...from, cookie, ...more }, method)
  t.match(await ask('/api/x?a=1'), { status: 200, headers: { 'x-user-id': id } })
  t.match(await ask('/api/x', 'DELETE', { origin }), { status: 200 })
  t.match(await ask('/api/x', 'POST', { origin: 'https://evil.test' }), { status: 403 })
  for (const path of ['', '?x', '?/api/x']) {
    t.match((await ask(path)).headers, { 'x-sallyport-code': 'request_malformed' }, path)
  }
  for (const path of ['//api/x', '/../api/x', '/open/..%2fapi/x']) {
    t.match((await ask(path)).headers, { 'x-sallyport-code': 'path_not_canonical' }, path)
  }
  const other = await ask('/api/x', 'GET', { host: 'evil.test', 'x-forwarded-host': host })
  t.match(other.headers, { 'x-sallyport-code': 'host_unknown' })
  t.equal(backend.seen.length, 0)
})

t.test('nobody else finds anything there, whatever they say of themselves', async (t) => {
  const off = await startGateway(t, { upstream: (await startBackend(t)).url, routes })
  const { gateway } = await start(t, 'caddy', '10.0.0.1')
  for (const { url } of [off, gateway]) {
    for (const path of ['/_gateway/verify', '/_gateway/verify/open/x', '/_gateway/verify?a']) {
      const headers = { ...about('caddy', 'GET', '/open/x'), 'x-forwarded-for': '10.0.0.1', host }
      const reply = await send(url, path, headers)
      t.match(JSON.parse(reply.text), { status: 404, code: 'route_not_found' }, path)
    }
  }
})

t.test('a handshake is one, although its proxy leaves `Upgrade` out of the question', async (t) => {
  const { gateway } = await start(t, 'traefik')
  const { cookie } = await signUp(gateway)
  const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', cookie }
  const ask = async (uri: string, more: Record<string, string>) => {
    const headers = { ...about('traefik', 'GET', uri), ...more }
    const reply = await send(gateway.url, '/_gateway/verify', headers)
    return reply.headers['x-sallyport-code'] ?? reply.status
  }
  t.equal(await ask('/live/x', { ...key, origin: 'https://evil.test' }), 'origin_rejected')
  t.equal(await ask('/live/x', { ...key, origin }), 200)
  t.equal(await ask('/api/x', { ...key, origin }), 'upgrade_not_allowed')
  t.equal(await ask('/live/x', { cookie, origin: 'https://evil.test' }), 200, 'a GET is safe')
})

t.test('a question that comes as a handshake is answered, and nothing is switched', async (t) => {
  const { gateway } = await start(t, 'caddy')
  const { id, cookie } = await signUp(gateway)
  const handshake = (page: string): string =>
    [
      'GET /_gateway/verify HTTP/1.1',
      ...Object.entries(about('caddy', 'GET', '/live/x')).map(
        ([name, value]) => `${name}: ${value}`,
      ),
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
      ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Cookie: ${cookie}`],
      ...[`Origin: ${page}`, '', ''],
    ].join('\r\n')
  const good = await tell(t, gateway.url, handshake(origin))
  t.match(good, /^HTTP\/1\.1 200 OK\r\n/)
  t.match(good, `x-user-id: ${id}`)
  t.match(
    await tell(t, gateway.url, handshake('https://evil.test')),
    /^HTTP\/1\.1 403 [^]*origin_rejected/,
  )
})

t.test('limits count the client that the proxy names, not the proxy', async (t) => {
  const { gateway } = await start(t, 'caddy')
  const ask = async (address: string) => {
    const headers = { ...about('caddy', 'GET', '/few/x'), 'x-forwarded-for': address }
    return (await send(gateway.url, '/_gateway/verify', headers)).status
  }
  t.equal(await ask('203.0.113.1'), 200)
  t.equal(await ask('203.0.113.1'), 429)
  t.equal(await ask('203.0.113.2'), 200)
  t.equal(
    await ask('203.0.113.9, 203.0.113.2'),
    429,
    'and what the client says of itself is nothing',
  )
})

t.test('what cannot be known is no refusal', async (t) => {
  const backend = await startBackend(t)
  for (const dialect of ['nginx', 'caddy']) {
    const gateway = await startGateway(t, {
      upstream: backend.url,
      routes,
      yaml: `verify: { from: [127.0.0.1], dialect: ${dialect} }`,
      wrapSource: (source) => ({ ...source, findByToken: () => Promise.reject(new Error('away')) }),
    })
    const { cookie } = await signUp(gateway)
    const headers = { ...about(dialect, 'GET', '/api/x'), cookie }
    const reply = await send(gateway.url, '/_gateway/verify', headers)
    t.match(reply, { status: 503, headers: { 'x-sallyport-code': 'session_store_unavailable' } })
    t.equal(reply.headers['set-cookie'], undefined)
  }
})
