import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { auditApi, type Audit } from '../../src/openapi/audit.ts'
import { compareWithList, rewriteList } from '../../src/openapi/public-list.ts'
import { readOpenApi, type ApiDocument } from '../../src/openapi/read.ts'
import { configOf } from '../compare/populated.ts'

const demo = readFileSync(join(import.meta.dirname, 'fixtures/demo.json'), 'utf8')

/** An application with these operations, in this order. */
function apiOf(operations: readonly string[], more: object = {}): ApiDocument {
  const paths: Record<string, Record<string, object>> = {}
  for (const each of operations) {
    const [method = '', path = '', isSecured] = each.split(' ')
    const security = isSecured === undefined ? {} : { security: [{ login: [] }] }
    paths[path] = { ...paths[path], [method.toLowerCase()]: security }
  }
  const document = readOpenApi(JSON.stringify({ openapi: '3.1.0', paths, ...more }))
  if (document === null) throw new Error('no document')
  return document
}

function audit(routes: string, api: ApiDocument): Audit {
  const config = configOf(`server: { publicUrl: 'https://app.test' }
auth: { signUp: closed }
upstreams: { api: http://127.0.0.1:8000, other: http://127.0.0.1:8001 }
routes:
${routes}`)
  return auditApi(config, api, 'api')
}

/** `state METHOD path: by` */
function rowsOf({ rows }: Audit): readonly string[] {
  return rows.map(({ state, method, path, of, by }) => {
    const template = of === null ? '' : ` of ${of}`
    return `${state} ${method} ${path}${template}${by === '' ? '' : `: ${by}`}`
  })
}

t.test('each operation has the state that the road gives it', async (t) => {
  const api = apiOf([
    'GET /health',
    'GET /feed',
    'GET /api/items',
    'DELETE /api/items',
    'GET /api/auth/me',
    'GET /page',
    'GET /reports/all',
    'GET /_gateway/session',
    'GET /nowhere',
    'GET /old',
  ])
  const routes = `
  - { match: { path: /health }, upstream: api, auth: none }
  - { match: { path: /feed }, upstream: api, auth: optional }
  - { match: { path: /api/*, methods: [GET] }, upstream: api, auth: { roles: [a, b], fresh: 15m }, rateLimit: { requests: 5, per: 1s, by: ip } }
  - { match: { path: /page }, static: { dir: ./web } }
  - { match: { path: /reports/* }, upstream: other }
  - { match: { path: /old }, upstream: api, enforce: false }`
  t.strictSame(rowsOf(audit(routes, api)), [
    'public GET /health',
    'optional GET /feed: optional',
    'protected GET /api/items: required, roles a|b, fresh 15m; 5 per 1s by ip',
    'unreachable DELETE /api/items: 405: only GET HEAD there',
    'shadowed GET /api/auth/me: a path of the gateway itself',
    'shadowed GET /page: files',
    'shadowed GET /reports/all: goes to upstream other',
    'shadowed GET /_gateway/session: a path of the gateway itself',
    'unreachable GET /nowhere: 404: no route',
    'observed GET /old: required',
  ])
})

t.test('a value of a parameter that a route names has a line of its own', async (t) => {
  const routes = `
  - { match: { path: '/items/{id}' }, upstream: api }
  - { match: { path: /items/public }, upstream: api, auth: none }`
  t.strictSame(rowsOf(audit(routes, apiOf(['GET /items/{item_id}']))), [
    'protected GET /items/{item_id}: required',
    'public GET /items/public of /items/{item_id}',
  ])
  // FastAPI takes the first that fits.
  const both = ['GET /items/public', 'GET /items/{item_id}']
  t.strictSame(rowsOf(audit(routes, apiOf(both))), [
    'public GET /items/public',
    'protected GET /items/{item_id}: required',
  ])
  t.equal(audit(routes, apiOf(both.toReversed())).rows.length, 3)
})

t.test('what routes strip and root_path are on the way to an operation', async (t) => {
  const stripped = `
  - { match: { path: /v1/open }, upstream: api, auth: none, rewrite: { stripPrefix: /v1 } }
  - { match: { path: /v1/* }, upstream: api, rewrite: { stripPrefix: /v1 } }
  - { match: { path: /* }, static: { dir: ./web }, auth: none }`
  t.strictSame(rowsOf(audit(stripped, apiOf(['GET /open', 'GET /items/{id}']))), [
    'public GET /v1/open',
    'protected GET /v1/items/{id}: required',
  ])
  const rooted = apiOf(['GET /open', 'GET /items'], { servers: [{ url: '/v1/' }] })
  const kept = `
  - { match: { path: /v1/open }, upstream: api, auth: none }
  - { match: { path: /v1/* }, upstream: api }`
  t.strictSame(rowsOf(audit(kept, rooted)), [
    'public GET /v1/open',
    'protected GET /v1/items: required',
  ])
})

t.test('a host with routes of its own has lines where it differs', async (t) => {
  const routes = `
  - { match: { path: /items }, upstream: api }
  - { match: { path: /items, host: open.test }, upstream: api, auth: none }`
  t.strictSame(rowsOf(audit(routes, apiOf(['GET /items']))), [
    'protected GET /items: required',
    'public GET open.test/items',
  ])
})

t.test('patterns that no operation is found at are named, WebSocket routes apart', async (t) => {
  const routes = `
  - { name: items, match: { path: [/items, /itmes/*] }, upstream: api }
  - { name: live, match: { path: /ws/* }, upstream: api, websocket: true }
  - { name: docs, match: { path: [/docs/*, /redoc, /openapi.json] }, upstream: api }
  - { name: elsewhere, match: { path: /x }, upstream: other }`
  const { unused, unknown } = audit(routes, apiOf(['GET /items']))
  t.strictSame(unused, [{ route: 'items', pattern: '/itmes/*' }])
  t.strictSame(unknown, [{ route: 'live', pattern: '/ws/*' }])
})

t.test('the demo, as its own FastAPI describes it', async (t) => {
  const api = readOpenApi(demo)
  if (api === null) throw new Error('no document')
  t.match(api, { title: 'Todos', rootPath: '', tokenPaths: [] })
  const routes = `
  - { match: { path: /health, methods: [GET] }, upstream: api, auth: none }
  - { match: { path: /api/* }, upstream: api }`
  const { rows, unused } = audit(routes, api)
  t.equal(rows.length, 8)
  t.strictSame(
    rows.filter(({ state }) => state !== 'protected').map(({ path }) => path),
    ['/health'],
  )
  t.strictSame(unused, [])
})

t.test('what is no OpenAPI 3 is none, and what is odd in one harms nobody', async (t) => {
  for (const text of [
    '',
    '{',
    '[]',
    '{"swagger":"2.0","paths":{}}',
    '{"openapi":"3.1.0"}',
    'null',
  ]) {
    t.equal(readOpenApi(text), null, text)
  }
  const odd = {
    openapi: '3.0.0',
    paths: {
      '/a': {
        get: null,
        post: [],
        put: { security: 'x', responses: 1, requestBody: 2 },
        trace: {},
      },
      '/b': 7,
      x: { get: {} },
      '/__proto__': { constructor: {}, get: { security: [{}, { a: [] }] } },
    },
    servers: { url: 1 },
    components: { securitySchemes: { a: { flows: { password: { tokenUrl: 5 } } } } },
  }
  t.match(readOpenApi(JSON.stringify(odd))?.operations, [
    { method: 'PUT', path: '/a', isSecured: false },
    { method: 'GET', path: '/__proto__', isSecured: false },
  ])
})

t.test('the list allows what is on it, and no more', async (t) => {
  const routes = `
  - { match: { path: /a }, upstream: api, auth: none }
  - { match: { path: /b }, upstream: api, auth: optional }
  - { match: { path: /c }, upstream: api }`
  const found = audit(routes, apiOf(['GET /a', 'POST /a', 'GET /b', 'GET /c']))
  const missing = (text: string) =>
    compareWithList(found, text).missing.map(({ method, path }) => `${method} ${path}`)
  t.strictSame(missing(''), ['GET /a', 'POST /a', 'GET /b'])
  t.strictSame(missing('GET /a\n POST  /a # why\nGET /b'), [])
  t.strictSame(missing('GET /a optional\nPOST /a\nGET /b optional'), ['GET /a'])
  const text = '# ours\nGET /a # first\nGET /c\nGET /gone\n'
  t.strictSame(compareWithList(found, text).stale, ['GET /c', 'GET /gone'])
  const next = rewriteList(found, text)
  t.equal(next, '# ours\nGET /a # first\nPOST /a\nGET /b optional\n')
  t.equal(rewriteList(found, next), next)
})
