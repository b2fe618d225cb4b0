import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { authSecret, jwtSecret } from '../../helper/token.ts'
import { askAdmin, startWithConsole, token } from './stage.ts'

const routes = `
  - { name: mine, match: { path: "/api/users/{user_id}/*" }, upstream: api, auth: { owner: user_id } }
  - { name: admin, match: { path: /api/admin/*, methods: [GET] }, upstream: api, headers: { request: { X-Internal-Key: "let-me-in-please" } } }
  - { name: api, match: { path: /api/* }, upstream: api }`

t.test('a refusal is explained: what came along, which route, and why no other', async (t) => {
  const gateway = await startWithConsole(t, { routes })
  const ada = await signUp(gateway)
  const id = 'the-refusal-1'
  const headers = { cookie: ada.cookie, 'x-request-id': id }
  const refused = await gateway.request('/api/users/somebody-else/notes?draft=1', { headers })
  const requestId = String(refused.json()['requestId'])
  const reply = await askAdmin(gateway.admin, `/console/refusals/${requestId}`)
  t.match(reply.json(), {
    isSameConfiguration: true,
    why: { title: 'Not the owner' },
    refusal: {
      code: 'not_owner',
      status: 403,
      presented: ['cookie'],
      credential: 'session',
      userId: ada.id,
      path: '/api/users/somebody-else/notes',
    },
    route: {
      chosen: { kind: 'route', name: 'mine', pattern: '/api/users/{user_id}/*' },
      runnersUp: [{ name: 'api', because: 'less_specific' }],
    },
  })
  for (const secret of [ada.cookie.split('=')[1] ?? '', 'draft'])
    t.notOk(reply.text.includes(secret))
  gateway.reload({ routes: routes.replace('owner: user_id', 'fresh: 1h') })
  t.equal(
    (await askAdmin(gateway.admin, `/console/refusals/${requestId}`)).json()['isSameConfiguration'],
    false,
  )
  t.equal(
    (await askAdmin(gateway.admin, '/console/refusals/other')).json()['code'],
    'refusal_unknown',
  )
  t.equal(
    (await askAdmin(gateway.admin, '/console/refusals/%ff')).json()['code'],
    'refusal_unknown',
  )
})

t.test('what is no path, and a host of nobody, are shown too', async (t) => {
  const gateway = await startWithConsole(t, { routes })
  await gateway.raw('GET /api/../x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n')
  await gateway.raw('GET /api/x HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n')
  const { refusals } = (await askAdmin(gateway.admin, '/console/refusals')).json() as {
    refusals: Record<string, unknown>[]
  }
  t.match(refusals, [{ code: 'host_unknown', host: 'evil.test' }, { code: 'path_not_canonical' }])
  for (const { requestId } of refusals) {
    const reply = await askAdmin(gateway.admin, `/console/refusals/${String(requestId)}`)
    t.equal(reply.status, 200)
  }
})

t.test('the configuration in force is shown, and no secret of it', async (t) => {
  const gateway = await startWithConsole(t, {
    routes,
    auth: 'signUp: open, signIn: { social: { github: { clientId: github-client, clientSecret: kept-to-ourselves } } }',
    yaml: `bearer: { secret: "${jwtSecret}", issuer: "https://user:pass-word@issuer.test/?password=pass-word" }`,
  })
  const reply = await askAdmin(gateway.admin, '/console/configuration')
  const { yaml, hash, routes: rows, lastReload } = reply.json()
  t.match(String(yaml), /publicUrl: http:\/\/app\.test/)
  t.match(String(yaml), /clientId: github-client/)
  t.match(String(yaml), /secrets:\n +- •••/)
  for (const secret of [
    token,
    authSecret,
    jwtSecret,
    'kept-to-ourselves',
    'pass-word',
    'let-me-in-please',
  ]) {
    t.notOk(reply.text.includes(secret), secret)
  }
  t.match(hash, /^[0-9a-f]{12}$/)
  t.equal(lastReload, null)
  t.match(rows, [{ path: '/_gateway/client.js' }])
  t.ok((rows as { readonly name: string }[]).some(({ name }) => name === 'mine'))
})

t.test('it is shown how the last reload went, and why it was refused', async (t) => {
  const gateway = await startWithConsole(t, { routes })
  const look = async () => (await askAdmin(gateway.admin, '/console/configuration')).json()
  const { hash } = await look()
  t.throws(() => {
    gateway.reload({ publicUrl: 'http://other.test' })
  })
  t.match(await look(), { hash, lastReload: { applied: false, reason: /server\.publicUrl/ } })
  gateway.reload({ routes: routes.replace('name: api', 'name: rest') })
  const after = await look()
  t.match(after, { lastReload: { applied: true, reason: null } })
  t.not(after['hash'], hash)
  gateway.gateway.reloadRefused('gateway.config.yaml:3:1 routes: no')
  t.match(await look(), {
    hash: after['hash'],
    lastReload: { applied: false, reason: 'gateway.config.yaml:3:1 routes: no' },
  })
})

t.test('upstreams are shown as they fare', async (t) => {
  const gateway = await startWithConsole(t, {
    upstream: '  api: { targets: ["http://127.0.0.1:9"], breaker: { minimum: 2, open: 1m } }',
  })
  for (let times = 0; times < 3; times += 1) await gateway.request('/open/x')
  const { upstreams } = (await askAdmin(gateway.admin, '/console/state')).json()
  t.match(upstreams, [
    { name: 'api', breaker: 'open', targets: [{ origin: 'http://127.0.0.1:9' }] },
  ])
})
