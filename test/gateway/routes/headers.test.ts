import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'

const routes = `
  - name: api
    match: { path: /api/* }
    upstream: api
    headers:
      request: { X-Tenant: acme, X-Debug: null, Accept-Encoding: identity }
      response: { X-Frame-Options: DENY, X-Powered-By: null, Cache-Control: no-store }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }`

t.test(
  'a route sets and removes headers in both directions, and other routes do not',
  async (t) => {
    const backend = await startBackend(t, (_request, response) => {
      response.writeHead(200, {
        'cache-control': 'public',
        'x-powered-by': 'python',
        'x-other': 'kept',
      })
      response.end()
    })
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const { cookie, id } = await signUp(gateway)
    const headers = ['x-tenant', 'evil', 'X-TENANT', 'evil', 'x-debug', '1', 'x-other', 'kept']
    const reply = await gateway.request('/api/x', { headers: [...headers, 'cookie', cookie] })
    const seen = backend.seen[0]
    t.match(seen?.headers, { 'x-tenant': 'acme', 'x-other': 'kept', 'x-user-id': id })
    t.equal(seen?.headers['accept-encoding'], 'identity')
    t.notMatch(seen?.rawHeaders.join(), /evil|x-debug/i)
    t.match(reply.headers, {
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'x-other': 'kept',
    })
    t.notOk('x-powered-by' in reply.headers)

    const open = await gateway.request('/open/x', { headers })
    t.match(open.headers, { 'cache-control': 'public', 'x-powered-by': 'python' })
    t.notOk('x-frame-options' in open.headers)
    t.equal(backend.seen[1]?.headers['x-debug'], '1')
  },
)

t.test('a refusal keeps its own headers, whatever its route says of answers', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: `
  - name: api
    match: { path: /api/* }
    upstream: api
    headers: { response: { Cache-Control: "public, max-age=60", Content-Type: text/plain } }`,
  })
  const reply = await gateway.request('/api/x')
  t.equal(reply.headers['cache-control'], 'no-store')
  t.equal(reply.headers['content-type'], 'application/problem+json')
})
