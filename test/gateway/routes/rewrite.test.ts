import t from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running } from '../../helper/gateway.ts'

const routes = `
  - { name: api, match: { path: /api/* }, upstream: api, auth: none }
  - name: reports
    match: { path: [/reports/*, "/reports/{year}/x"] }
    upstream: api
    auth: none
    rewrite: { stripPrefix: /reports }
  - name: deep
    match: { path: /a/b/c/*, allow: ["%2F", ";"] }
    upstream: api
    auth: none
    rewrite: { stripPrefix: /a/b/c }
  - { name: mine, match: { path: /mine/* }, upstream: api, rewrite: { stripPrefix: /mine } }`

async function start(t: Parameters<typeof startBackend>[0]): Promise<[Running, Backend]> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
  })
  return [gateway, backend]
}

t.test('FastAPI gets the target without the prefix, every other byte as it was', async (t) => {
  const [gateway, backend] = await start(t)
  const targets = {
    '/reports': '/',
    '/reports/': '/',
    '/reports?x=/reports': '/?x=/reports',
    '/reports/?': '/?',
    '/reports/2026/x': '/2026/x',
    '/reports/reports/y': '/reports/y',
    '/reports/caf%C3%A9/a%20b?q=%2e%2e/..&r=a+b': '/caf%C3%A9/a%20b?q=%2e%2e/..&r=a+b',
    '/a/b/c/d%2Fe;v=1': '/d%2Fe;v=1',
  }
  for (const [sent, received] of Object.entries(targets)) {
    t.equal((await gateway.request(sent)).status, 200, sent)
    t.equal(backend.seen.at(-1)?.url, received, sent)
  }
})

t.test('FastAPI is told the prefix by us, and by nobody else', async (t) => {
  const [gateway, backend] = await start(t)
  const headers = { 'x-forwarded-prefix': '/evil', X_Forwarded_Prefix: '/evil' }
  await gateway.request('/reports/x', { headers })
  const { rawHeaders = [] } = backend.seen.at(-1) ?? {}
  t.same(
    rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'x-forwarded-prefix'),
    ['/reports'],
  )
  t.notMatch(rawHeaders.join(), 'evil')
  await gateway.request('/api/x', { headers })
  t.notMatch(backend.seen.at(-1)?.rawHeaders.join(), /prefix/i)
})

t.test('a prefix whose slash is in disguise is not stripped but refused', async (t) => {
  const [gateway, backend] = await start(t)
  for (const target of ['/a%2Fb/c/x', '/a/b%2Fc/x', '/a/b/c%2Fx', '/a%2Fb%2Fc%2Fx']) {
    const reply = await gateway.request(target)
    t.match(reply.json(), { code: 'path_not_canonical' }, target)
  }
  t.equal(backend.seen.length, 0)
})

t.test('what is stripped from the target is not stripped from the decision', async (t) => {
  const [gateway, backend] = await start(t)
  t.match((await gateway.request('/mine/x')).json(), { code: 'credential_missing' })
  t.equal(backend.seen.length, 0)
  const { cookie, id } = await signUp(gateway)
  await gateway.request('/mine/x', { headers: { cookie } })
  t.match(backend.seen.at(-1), { url: '/x', headers: { 'x-user-id': id } })
})
