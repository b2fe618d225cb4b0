import t from 'tap'
import { call, sql } from '../../session/calls.ts'
import { begin, refusalOf } from '../websocket/client.ts'
import { startProxied } from './proxies.ts'

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }

for (const [dialect, file] of [
  ['nginx', 'nginx/forward-auth.conf'],
  ['caddy', 'caddy/Caddyfile'],
  ['caddy', 'caddy/sliding.Caddyfile'],
] as const) {
  t.test(`with ${dialect} and deploy/${file}`, async (t) => {
    const all = await startProxied(t, dialect, file)
    if (all === null) return
    const { gateway, backend, ada, ask, url } = all
    const last = () => backend.seen.at(-1)
    const sent = () => Object.keys(last()?.headers ?? {})
    const isNginx = dialect === 'nginx'

    await t.test('a request gets through as its sender', async (t) => {
      const cookie = `theme=dark; ${ada.cookie}`
      const reply = await ask('/api/todos?a=%2f+b', { cookie })
      t.equal(reply.status, 200)
      t.equal(last()?.url, '/api/todos?a=%2f+b')
      t.equal(last()?.headers['x-user-id'], ada.id)
      t.match(last()?.headers.authorization, /^Bearer ey/)
      t.equal(last()?.headers.cookie, 'theme=dark', 'the session cookie goes no further')
      const posted = await ask('/write/x', { cookie, origin: 'http://app.test' }, 'POST')
      t.equal(posted.status, 200)
      t.match(last(), { method: 'POST', headers: { 'x-user-id': ada.id } })
    })

    await t.test('what a client says of itself dies', async (t) => {
      const forged = { 'x-user-id': 'admin', 'x-impersonated-by': 'root', 'x-api-key': 'k' }
      t.equal((await ask('/open/x', { ...forged, authorization: 'Bearer x' })).status, 200)
      const { headers } = last() ?? {}
      t.notOk(sent().includes('x-user-id'))
      t.notOk(sent().includes('x-impersonated-by'))
      t.notOk(headers?.['x-api-key'])
      t.notOk(headers?.authorization)
      t.notMatch(JSON.stringify(last()?.rawHeaders), /admin|root|Bearer x/)
      await ask('/maybe/x', forged)
      t.notOk(sent().includes('x-user-id'))
      await ask('/api/x', { ...forged, cookie: ada.cookie })
      t.equal(last()?.headers['x-user-id'], ada.id)
      t.notOk(sent().includes('x-impersonated-by'))
    })

    await t.test('no client can have another request judged than it makes', async (t) => {
      const before = backend.seen.length
      for (const forged of [
        { 'X-Original-URI': '/open/x', 'X-Original-Method': 'GET' },
        { 'X-Original-URL': 'http://app.test/open/x' },
        { 'X-Forwarded-Uri': '/open/x', 'X-Forwarded-Method': 'GET' },
        { 'X-Forwarded-Host': 'evil.test', 'X-Rewrite-URL': '/open/x' },
      ] as Record<string, string>[]) {
        const reply = await ask('/api/x', forged)
        t.match(reply, { status: 401, headers: { 'x-sallyport-code': 'credential_missing' } })
      }
      for (const path of ['/_gateway/verify', '/_gateway/verify/api/x', '/_gateway/verify?x']) {
        const named = {
          ...{ 'x-original-method': 'GET', 'x-original-uri': '/api/x' },
          ...{ 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/api/x' },
        }
        const reply = await ask(path, { ...named, cookie: ada.cookie })
        t.equal(reply.status, 404, path)
        t.notOk(reply.headers.authorization)
      }
      t.equal(backend.seen.length, before)
    })

    await t.test('a refusal says why', async (t) => {
      const { cookie } = ada
      for (const [path, headers, status, code] of [
        ['/api/x', {}, 401, 'credential_missing'],
        ['/api/x', { authorization: 'Bearer x' }, 401, 'token_invalid'],
        ['/admin/x', { cookie }, 403, 'role_missing'],
        ['/nowhere', { cookie }, isNginx ? 403 : 404, 'route_not_found'],
        ['/write/x', { cookie }, isNginx ? 403 : 405, 'method_not_allowed'],
        ['/api/x', { host: 'evil.test', cookie }, isNginx ? 403 : 400, 'host_unknown'],
      ] as const) {
        const reply = await ask(path, headers)
        t.equal(reply.status, status, code)
        t.equal(reply.headers['x-sallyport-code'], code)
        if (!isNginx) t.match(JSON.parse(reply.text), { status, code })
      }
      const evil = await ask('/write/x', { cookie, origin: 'https://evil.test' }, 'POST')
      t.match(evil, { status: 403, headers: { 'x-sallyport-code': 'origin_rejected' } })
    })

    await t.test('a person is sent to the login page', async (t) => {
      const reply = await ask('/api/x?a=1', page)
      t.equal(reply.status, 302)
      const { location = '' } = reply.headers
      const { pathname, search } = new URL(location, 'http://app.test')
      t.equal(pathname + search, '/_gateway/login?return_to=%2Fapi%2Fx%3Fa%3D1')
      t.equal((await ask('/_gateway/login', page)).status, 200)
    })

    await t.test('a path that two servers could read differently is refused', async (t) => {
      const before = backend.seen.length
      for (const path of [
        '/open/../api/x',
        '/open/%2e%2e/api/x',
        '/open/..%2fapi/x',
        '/open/a%2Fb',
        '/open//x',
        '//api/x',
        '/open/./x',
        '/open/%61',
        '/open/x;y',
        '/open/a%5Cb',
        '/open/%C3%28',
      ]) {
        const reply = await ask(path, { cookie: ada.cookie })
        t.not(reply.status, 200, path)
        t.ok(reply.status >= 300 && reply.status < 500, `${path} ${String(reply.status)}`)
      }
      t.equal(backend.seen.length, before, 'and FastAPI has seen none of them')
    })

    await t.test('a handshake is judged as one', async (t) => {
      const proxy = { ...gateway, url }
      const headers = { cookie: ada.cookie }
      for (const [origin, status] of [
        ['https://evil.test', 403],
        ['http://app.test', 200],
      ] as const) {
        const socket = begin(t, proxy, '/live/x', { headers: { ...headers, origin } })
        const refusal = await refusalOf(socket)
        t.equal(refusal.status, status, origin)
        const code = status === 403 ? 'origin_rejected' : undefined
        t.equal(refusal.headers['x-sallyport-code'], code)
      }
      t.equal(last()?.url, '/live/x', 'our FastAPI here speaks HTTP alone, and so answers 200')
    })

    if (file !== 'caddy/Caddyfile') {
      await t.test('a session that is extended gets its cookie', async (t) => {
        const expiresAt = new Date(Date.now() + 5 * 86_400_000).toISOString()
        sql(gateway, 'UPDATE session SET expiresAt = ?', expiresAt)
        gateway.clock.offsetMs = 31_000
        const reply = await ask('/api/x', { cookie: ada.cookie })
        gateway.clock.offsetMs = 0
        t.equal(reply.status, 200)
        t.match(reply.headers['set-cookie'], [/session_token=[^;]+;.*Max-Age=604800/])
      })
    }

    await t.test('whoever signs out is out', async (t) => {
      await call(gateway, '/sign-out', { cookie: ada.cookie })
      const reply = await ask('/api/x', { cookie: ada.cookie })
      t.match(reply, { status: 401, headers: { 'x-sallyport-code': 'session_revoked' } })
      t.match(reply.headers['set-cookie']?.[0], /session_token=; Max-Age=0/)
    })
  })
}
