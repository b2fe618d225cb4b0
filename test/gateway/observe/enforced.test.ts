// What an observed route refuses all the same: it is not about the caller, or there is nowhere to forward to.
import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { send, startObserved } from './stage.ts'

const routes = `
  - { name: small, match: { path: /api/small, methods: [POST] }, upstream: api, bodyLimit: 10B, enforce: false }
  - { name: dead, match: { path: /dead/* }, upstream: api, enforce: false }
  - { name: api, match: { path: /api/* }, upstream: api, enforce: false }`

t.test('a request that cannot be forwarded is refused on an observed route too', async (t) => {
  const stage = await startObserved(t, routes)
  const cases = [
    ['/api/a%2fb', {}, 400, 'path_not_canonical'],
    ['/elsewhere', {}, 404, 'route_not_found'],
    ['/api/small', {}, 405, 'method_not_allowed'],
    ['/api/small', { method: 'POST', body: 'a'.repeat(11) }, 413, 'body_too_large'],
    ['/api/x', { headers: { 'content-type': ['a/b', 'c/d'] } }, 400, 'request_malformed'],
  ] as const
  for (const [path, call, status, code] of cases) {
    const { headers = {} } = call as { headers?: Record<string, string[]> }
    const { reply, seen, record } = await send(stage, path, { ...call, headers })
    t.equal(reply.status, status, code)
    t.match(reply.json(), { code })
    t.match(record, { decision: 'refused', code, observed: null })
    t.equal(seen, undefined, code)
  }
})

t.test('a body that turns out too large is cut off on an observed route too', async (t) => {
  const stage = await startObserved(t, routes)
  const head = 'POST /api/small HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n'
  const answer = await stage.raw(
    `${head}Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n`,
  )
  t.match(answer, /^HTTP\/1\.1 413 /)
  t.match(answer, /body_too_large/)
})

t.test('an upstream that is away is a 502, beside what was observed', async (t) => {
  const stage = await startObserved(t, routes, { upstream: 'http://127.0.0.1:1' })
  const { reply, record } = await send(stage, '/dead/x')
  t.equal(reply.status, 502)
  t.match(record, { code: 'upstream_unreachable', observed: 'credential_missing' })
})

t.test('beside an observed route the others go on refusing', async (t) => {
  const stage = await startObserved(
    t,
    `
  - { name: seen, match: { path: /seen/* }, upstream: api, enforce: false }
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: back, match: { path: /back/* }, upstream: api, enforce: { mode: enforce, userHeader: X-Legacy-User } }`,
  )
  t.equal((await send(stage, '/seen/x')).reply.status, 200)
  for (const path of ['/api/x', '/back/x']) {
    const { reply, record } = await send(stage, path)
    t.equal(reply.status, 401)
    t.match(record, { code: 'credential_missing', observed: null })
  }
  const { id, cookie } = await signUp(stage)
  const { seen } = await send(stage, '/back/x', { headers: { cookie } })
  t.match(seen?.headers, { 'x-user-id': id, authorization: /^Bearer / })
})
