import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'

const routes = `
  - { name: any, match: { path: /* }, upstream: api, auth: none, headers: { response: { X-Route: any } } }
  - { name: api, match: { path: /api/* }, upstream: api, headers: { response: { X-Route: api } } }
  - name: admin
    match: { path: /*, host: admin.test }
    upstream: api
    auth: none
    headers: { response: { X-Route: admin } }
  - name: status
    match: { path: /status, host: [Admin.test, "ops.test:8443"], methods: [GET] }
    upstream: api
    auth: none
    headers: { response: { X-Route: status } }`

async function start(t: Test, publicUrl?: string): Promise<Running> {
  const backend = await startBackend(t)
  return startGateway(t, {
    upstream: backend.url,
    routes,
    server: 'hosts: [www.test]',
    ...(publicUrl === undefined ? {} : { publicUrl }),
  })
}

/** The route that answers, or the code of the refusal. */
async function ask(gateway: Running, host: string, path: string, method = 'GET'): Promise<unknown> {
  const [head = '', body = ''] = (
    await gateway.raw(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  ).split('\r\n\r\n')
  return /^x-route: (.*)$/im.exec(head)?.[1] ?? /"code":"(\w+)"/.exec(body)?.[1]
}

t.test('a route of a host wins there, and answers nowhere else', async (t) => {
  const gateway = await start(t)
  t.equal(await ask(gateway, 'app.test', '/x'), 'any')
  t.equal(await ask(gateway, 'www.test', '/x'), 'any')
  t.equal(await ask(gateway, 'admin.test', '/x'), 'admin')
  t.equal(await ask(gateway, 'admin.test', '/status'), 'status')
  t.equal(await ask(gateway, 'app.test', '/status'), 'any')
  t.equal(await ask(gateway, 'ops.test:8443', '/status'), 'status')
  t.equal(await ask(gateway, 'ops.test:8443', '/x'), 'any', 'what is for every host is there too')
})

t.test(
  'the path still chooses first: a longer pattern of every host wins over a shorter one',
  async (t) => {
    const gateway = await start(t)
    t.equal(await ask(gateway, 'admin.test', '/api/x'), 'credential_missing')
    t.equal(await ask(gateway, 'app.test', '/api/x'), 'credential_missing')
  },
)

t.test('methods are judged per host', async (t) => {
  const gateway = await start(t)
  t.equal(await ask(gateway, 'admin.test', '/status', 'POST'), 'method_not_allowed')
  t.equal(await ask(gateway, 'ops.test:8443', '/status', 'POST'), 'method_not_allowed')
  t.equal(await ask(gateway, 'app.test', '/status', 'POST'), 'any')
  const reply = await gateway.request('/status', { method: 'PUT', headers: { host: 'admin.test' } })
  t.equal(reply.headers['allow'], 'GET, HEAD')
})

t.test('the name of a host is compared without its case, and with its port', async (t) => {
  const gateway = await start(t)
  t.equal(await ask(gateway, 'ADMIN.Test', '/x'), 'admin')
  t.equal(await ask(gateway, 'OPS.test:8443', '/status'), 'status')
  for (const host of [
    'ops.test',
    'ops.test:8444',
    'admin.test:81',
    'admin.test.',
    'x.admin.test',
  ]) {
    t.equal(await ask(gateway, host, '/x'), 'host_unknown', host)
  }
})

t.test('a host without a port is also the one with the port of publicUrl', async (t) => {
  const gateway = await start(t, 'http://app.test:8080')
  t.equal(await ask(gateway, 'app.test:8080', '/x'), 'any')
  t.equal(await ask(gateway, 'admin.test:8080', '/x'), 'admin')
  t.equal(await ask(gateway, 'admin.test', '/x'), 'admin')
  t.equal(await ask(gateway, 'www.test:8080', '/x'), 'any')
  t.equal(await ask(gateway, 'ops.test:8080', '/status'), 'host_unknown')
})

t.test('our own endpoints answer on every host, and no route hides them', async (t) => {
  const gateway = await start(t)
  for (const host of ['app.test', 'admin.test', 'ops.test:8443']) {
    const reply = await gateway.request('/_gateway/session', { headers: { host } })
    t.match(reply.json(), { authenticated: false }, host)
    t.equal(await ask(gateway, host, '/_gateway/nothing'), 'route_not_found')
  }
})
