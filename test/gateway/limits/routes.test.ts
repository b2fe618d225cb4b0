import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type Reply, type Running } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'

const perMinute = (requests: number, more = ''): string =>
  `rateLimit: { requests: ${String(requests)}, per: 1m${more} }`

async function statuses(
  gateway: Running,
  path: string,
  headers: readonly Readonly<Record<string, string>>[],
): Promise<readonly number[]> {
  const replies: Reply[] = []
  for (const each of headers) replies.push(await gateway.request(path, { headers: { ...each } }))
  return replies.map(({ status }) => status)
}

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })
const bearer = (sub: string): Record<string, string> => ({
  authorization: `Bearer ${mint(goodClaims({ sub }))}`,
})

t.test(
  'one request too many is a 429 that says when to come back, until the window ends',
  async (t) => {
    const { url, seen } = await startBackend(t)
    const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, ${perMinute(2)} }`
    const gateway = await startGateway(t, { upstream: url, routes })
    const first = await gateway.request('/open/a')
    t.match(first.headers, {
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '60',
    })
    t.notOk(first.headers['retry-after'])
    t.match((await gateway.request('/open/b')).headers, { 'ratelimit-remaining': '0' })
    gateway.clock.offsetMs = 20_000
    const refused = await gateway.request('/open/c')
    t.equal(refused.status, 429)
    t.match(refused.json(), { code: 'rate_limited', action: 'retry', status: 429 })
    t.match(refused.headers, {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'ratelimit-limit': '2',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '40',
      'retry-after': '40',
    })
    const names = [...Object.keys(first.headers), ...Object.keys(refused.headers)]
    t.notOk(names.some((name) => name.startsWith('x-ratelimit')))
    t.equal(seen.length, 2)
    gateway.clock.offsetMs = 60_001
    t.equal((await gateway.request('/open/d')).status, 200)
  },
)

t.test(
  'users have a count each, wherever they are; who is nobody is counted by address',
  async (t) => {
    const { url } = await startBackend(t)
    const routes = `
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional, ${perMinute(2)} }`
    const gateway = await startGateway(t, { upstream: url, routes })
    const ada = await signUp(gateway)
    const cookie = { cookie: ada.cookie }
    const ofAda = [
      { ...cookie, ...from('198.51.100.1') },
      { ...cookie, ...from('198.51.100.2') },
      { ...bearer(ada.id), ...from('198.51.100.3') },
    ]
    t.same(await statuses(gateway, '/maybe/x', ofAda), [200, 200, 429])
    t.same(await statuses(gateway, '/maybe/x', [bearer('bob')]), [200])
    const one = from('198.51.100.1')
    const nobody = [one, { ...one, 'x-user-id': 'eve' }, one, from('198.51.100.2')]
    t.same(await statuses(gateway, '/maybe/x', nobody), [200, 200, 429, 200])
  },
)

t.test('by ip is counted before anybody is asked who they are', async (t) => {
  const { url } = await startBackend(t)
  const routes = `
  - { name: api, match: { path: /api/* }, upstream: api, ${perMinute(3, ', by: ip')} }`
  const gateway = await startGateway(t, { upstream: url, routes })
  const guesses = [
    { ...from('198.51.100.1'), authorization: 'Bearer a.b.c' },
    { ...from('198.51.100.1'), authorization: 'Bearer d.e.f' },
    { ...from('198.51.100.1'), ...bearer('ada') },
    { ...from('198.51.100.1'), ...bearer('bob') },
    { ...from('198.51.100.2'), ...bearer('bob') },
  ]
  t.same(await statuses(gateway, '/api/x', guesses), [401, 401, 200, 429, 200])
})

t.test('routes share a bucket by its name, and else have one of their own', async (t) => {
  const { url } = await startBackend(t)
  const shared = perMinute(2, ', bucket: slow')
  const routes = `
  - { name: one, match: { path: /one/* }, upstream: api, auth: none, ${shared} }
  - { name: two, match: { path: /two/* }, upstream: api, auth: none, ${shared} }
  - { name: three, match: { path: /three/* }, upstream: api, auth: none, ${perMinute(2)} }
  - { name: four, match: { path: /four/* }, upstream: api, auth: none }`
  const gateway = await startGateway(t, { upstream: url, routes })
  const of = async (path: string): Promise<number> => (await gateway.request(path)).status
  t.same(
    [await of('/one/x'), await of('/two/x'), await of('/one/x'), await of('/two/y')],
    [200, 200, 429, 429],
  )
  t.same([await of('/three/x'), await of('/three/y'), await of('/three/z')], [200, 200, 429])
  const free = await gateway.request('/four/x')
  t.equal(free.status, 200)
  t.notOk(free.headers['ratelimit-limit'], 'without a limit there is nothing to say')
})

t.test('nobody chooses the address that is counted', async (t) => {
  const { url } = await startBackend(t)
  const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, ${perMinute(2)} }`
  const gateway = await startGateway(t, { upstream: url, routes, trustedProxies: '' })
  const claims = [
    from('198.51.100.1'),
    { 'x-real-ip': '198.51.100.2', forwarded: 'for=198.51.100.2' },
    from('198.51.100.3, 127.0.0.1'),
  ]
  t.same(await statuses(gateway, '/open/x', claims), [200, 200, 429])
})

t.test('a /64 of IPv6 is one client', async (t) => {
  const { url } = await startBackend(t)
  const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, ${perMinute(2)} }`
  const gateway = await startGateway(t, { upstream: url, routes })
  const addresses = ['2001:db8::1', '2001:DB8:0:0:ffff::2', '2001:db8::3', '2001:db8:0:1::1']
  t.same(await statuses(gateway, '/open/x', addresses.map(from)), [200, 200, 429, 200])
})

t.test('a reload changes the limit and leaves the count', async (t) => {
  const { url } = await startBackend(t)
  const routesOf = (requests: number): string => `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, ${perMinute(requests)} }`
  const gateway = await startGateway(t, { upstream: url, routes: routesOf(2) })
  const next = (): Promise<Reply> => gateway.request('/open/x')
  t.equal((await next()).status, 200)
  gateway.reload({ routes: routesOf(4) })
  t.match((await next()).headers, { 'ratelimit-limit': '4', 'ratelimit-remaining': '2' })
  gateway.reload({ routes: routesOf(1) })
  t.equal((await next()).status, 429)
})

t.test('a limit is exact however many requests come at once', async (t) => {
  const { url, seen } = await startBackend(t)
  const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, ${perMinute(50)} }`
  const gateway = await startGateway(t, { upstream: url, routes })
  const replies = await Promise.all(Array.from({ length: 120 }, () => gateway.request('/open/x')))
  t.equal(replies.filter(({ status }) => status === 200).length, 50)
  t.equal(replies.filter(({ status }) => status === 429).length, 70)
  t.equal(seen.length, 50)
})

t.test('handshakes of WebSockets count like requests', async (t) => {
  const { url } = await startBackend(t)
  const routes = `
  - { name: live, match: { path: /live }, upstream: api, auth: none, websocket: true, ${perMinute(2)} }`
  const gateway = await startGateway(t, { upstream: url, routes })
  await gateway.request('/live')
  await gateway.request('/live')
  const handshake =
    'GET /live HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  const answer = await gateway.raw(handshake)
  t.match(answer, /^HTTP\/1\.1 429 /)
  t.match(answer, /retry-after: 60/)
  t.match(answer, /"code":"rate_limited"/)
})
