import t from 'tap'
import type { GatewayConfig, Method, PathEscape } from '../../src/config/types.ts'
import { isRefusal } from '../../src/errors/refusal.ts'
import { readTarget } from '../../src/routing/canonical.ts'
import { compileRoutes, type RouteTable } from '../../src/routing/compile.ts'
import { matchRoute } from '../../src/routing/match.ts'

interface Spec {
  readonly name: string
  readonly path: string
  readonly methods?: readonly Method[]
  readonly allow?: readonly PathEscape[]
  readonly hosts?: readonly string[]
}

function table(...specs: readonly Spec[]): RouteTable {
  const routes = specs.map(({ name, path, methods, allow, hosts }) => ({
    name,
    match: { paths: [path], methods: methods ?? null, allow: allow ?? [], hosts: hosts ?? null },
  }))
  return compileRoutes({
    server: { publicUrl: 'http://app.test' },
    auth: { path: '/api/auth' },
    routes,
  } as unknown as GatewayConfig)
}

function winner(routes: RouteTable, target: string, method = 'GET', host = 'app.test'): string {
  const canonical = readTarget(target)
  if (isRefusal(canonical)) return canonical.code
  const result = matchRoute(routes, canonical, host, method)
  if (isRefusal(result)) return result.code
  return result.kind === 'forward' ? result.route.name : result.kind
}

t.test('exact before longest literal prefix before parameter before wildcard', async (t) => {
  const routes = table(
    { name: 'all', path: '/*' },
    { name: 'api', path: '/api/*' },
    { name: 'item', path: '/api/items/{id}' },
    { name: 'new', path: '/api/items/new' },
    { name: 'part', path: '/api/{kind}/{id}/parts' },
    { name: 'deep', path: '/api/{kind}/*' },
  )
  t.equal(winner(routes, '/'), 'all')
  t.equal(winner(routes, '/x'), 'all')
  t.equal(winner(routes, '/api'), 'api')
  t.equal(winner(routes, '/api/'), 'api')
  t.equal(winner(routes, '/api/items/new'), 'new')
  t.equal(winner(routes, '/api/items/7'), 'item')
  t.equal(winner(routes, '/api/items/7/parts'), 'part')
  t.equal(winner(routes, '/api/items/7/other'), 'deep')
  t.equal(winner(routes, '/api/items'), 'deep')
  t.equal(winner(routes, '/apix'), 'all')
  t.equal(winner(routes, '/API/items/new'), 'all', 'paths are case-sensitive')
})

t.test('a wildcard also answers at its prefix, with and without the slash', async (t) => {
  const routes = table({ name: 'x', path: '/x/*' })
  for (const target of ['/x', '/x/', '/x/y', '/x/y/z']) t.equal(winner(routes, target), 'x', target)
  t.equal(winner(routes, '/xy'), 'route_not_found')
})

t.test('a parameter is one segment that is not empty', async (t) => {
  const routes = table({ name: 'item', path: '/items/{id}' })
  t.equal(winner(routes, '/items/a'), 'item')
  t.equal(winner(routes, '/items/caf%C3%A9'), 'item')
  t.equal(winner(routes, '/items/'), 'route_not_found')
  t.equal(winner(routes, '/items/a/b'), 'route_not_found')
})

t.test('the path chooses before the method: no less specific route serves it', async (t) => {
  const routes = table(
    { name: 'all', path: '/*' },
    { name: 'ingest', path: '/api/ingest', methods: ['POST'] },
    { name: 'read', path: '/api/items', methods: ['GET', 'HEAD'] },
    { name: 'write', path: '/api/items', methods: ['POST'] },
  )
  t.equal(winner(routes, '/api/ingest', 'GET'), 'method_not_allowed')
  t.equal(winner(routes, '/api/items', 'GET'), 'read')
  t.equal(winner(routes, '/api/items', 'POST'), 'write')
  t.equal(winner(routes, '/api/items', 'DELETE'), 'method_not_allowed')
  const refused = matchRoute(
    routes,
    { target: '/api/items', path: '/api/items', escapes: [] },
    'app.test',
    'PUT',
  )
  t.match(refused, { headers: { allow: 'GET, HEAD, POST' } })
})

t.test('a method outside the allow-list is a 405 everywhere', async (t) => {
  const routes = table({ name: 'all', path: '/*' })
  for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'get']) {
    t.equal(winner(routes, '/x', method), 'method_not_allowed', method)
  }
})

t.test('our own prefixes belong to us, whatever the routes say', async (t) => {
  const routes = table({ name: 'all', path: '/*' }, { name: 'any', path: '/{a}/{b}' })
  t.equal(winner(routes, '/_gateway/session'), 'endpoint')
  t.equal(winner(routes, '/_gateway/session', 'POST'), 'method_not_allowed')
  t.equal(winner(routes, '/_gateway/unknown'), 'route_not_found')
  t.equal(winner(routes, '/_gateway'), 'route_not_found')
  t.equal(winner(routes, '/api/auth/get-session'), 'endpoint')
  t.equal(winner(routes, '/api/auth/get-session', 'DELETE'), 'method_not_allowed')
})

t.test('an escape passes only where the chosen route allows it', async (t) => {
  const routes = table(
    { name: 'all', path: '/*' },
    { name: 'files', path: '/files/*', allow: ['%2F', ';'] },
  )
  t.equal(winner(routes, '/files/a%2Fb'), 'files')
  t.equal(winner(routes, '/files/a;v=1'), 'files')
  t.equal(winner(routes, '/files/a%25'), 'path_not_canonical')
  t.equal(winner(routes, '/other/a%2Fb'), 'path_not_canonical')
  t.equal(winner(routes, '/api%2Fauth/session'), 'path_not_canonical')
  t.equal(winner(routes, '/files%2F..%2Fother'), 'path_not_canonical')
})

t.test('routes that share a pattern allow escapes each for itself', async (t) => {
  const routes = table(
    { name: 'read', path: '/files/*', methods: ['GET'], allow: ['%2F'] },
    { name: 'write', path: '/files/*', methods: ['PUT'] },
  )
  t.equal(winner(routes, '/files/a%2Fb'), 'read')
  t.equal(winner(routes, '/files/a%2Fb', 'PUT'), 'path_not_canonical')
  t.equal(winner(routes, '/files/a%2Fb', 'POST'), 'method_not_allowed')
  t.equal(winner(routes, '/files/a%25b', 'POST'), 'path_not_canonical')
})

t.test('a host has its own routes over those of every host', async (t) => {
  const routes = table(
    { name: 'own', path: '/*', hosts: ['admin.test'] },
    { name: 'any', path: '/*' },
    { name: 'api', path: '/api/*' },
    { name: 'ops', path: '/api/*', methods: ['GET'], hosts: ['ops.test:8443', 'admin.test'] },
  )
  t.equal(winner(routes, '/x'), 'any')
  t.equal(winner(routes, '/x', 'GET', 'admin.test'), 'own')
  t.equal(winner(routes, '/x', 'GET', 'Admin.TEST'), 'own')
  t.equal(winner(routes, '/x', 'GET', 'admin.test:8443'), 'any', 'another port is another host')
  t.equal(winner(routes, '/api/x', 'GET', 'ops.test:8443'), 'ops')
  t.equal(winner(routes, '/api/x', 'GET', 'ops.test'), 'api')
  t.equal(winner(routes, '/api/x', 'PUT', 'admin.test'), 'api', 'methods it has no own route for')
  t.equal(winner(routes, '/_gateway/x', 'GET', 'admin.test'), 'route_not_found')
})
