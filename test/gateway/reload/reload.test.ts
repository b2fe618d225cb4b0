import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { host, signUp, startGateway } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'

const open = (path: string): string =>
  `\n  - { name: open, match: { path: ${path} }, upstream: api, auth: none }`

t.test('a route that is added or removed counts from the next request on', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  t.equal((await gateway.request('/a')).status, 200)
  t.equal((await gateway.request('/b')).status, 404)
  gateway.reload({ routes: open('/b') })
  t.equal((await gateway.request('/a')).status, 404)
  t.equal((await gateway.request('/b')).status, 200)
})

t.test('a route that becomes protected is protected from the next request on', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  gateway.reload({ routes: '\n  - { name: open, match: { path: /a }, upstream: api }' })
  t.match((await gateway.request('/a')).json(), { code: 'credential_missing' })
  t.equal(backend.seen.length, 0)
})

t.test('a request under way ends under the configuration that it came under', async (t) => {
  let answer = (): void => undefined
  const backend = await startBackend(t, (_request, response) => {
    answer = () => response.end('as before')
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  const reply = gateway.request('/a')
  while (backend.seen.length === 0) await new Promise(setImmediate)
  const other = await startBackend(t)
  gateway.reload({ upstream: other.url, routes: open('/b') })
  t.equal((await gateway.request('/b')).status, 200)
  answer()
  t.match(await reply, { status: 200, text: 'as before' })
  t.equal(other.seen.length, 1)
})

t.test('sessions, and what is known of them, outlive a reload', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const ada = await signUp(gateway)
  gateway.reload({ yaml: 'identity: { headers: { X-User-Id: user.id, X-Name: user.name } }' })
  const { headers } = (await gateway.request('/api/x', { headers: { cookie: ada.cookie } })).json()
  t.match(headers, { 'x-user-id': ada.id, 'x-name': /./ })
})

t.test('a bearer secret can be rotated without a restart', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const secret = 'Zt5Wq8Hc2Nx7Rb4Ym9Kd3Vf6Lj1Ps0GuA-next'
  const headers = { authorization: `Bearer ${mint(goodClaims(), { secret })}` }
  t.match((await gateway.request('/api/x', { headers })).json(), { code: 'token_invalid' })
  gateway.reload({ yaml: `bearer: { secret: ["${secret}", "\${JWT_SECRET}"] }` })
  t.equal((await gateway.request('/api/x', { headers })).status, 200)
  const old = { authorization: `Bearer ${mint(goodClaims())}` }
  t.equal((await gateway.request('/api/x', { headers: old })).status, 200)
})

t.test('an upstream that stays as it is keeps its connections', async (t) => {
  const ports = new Set<number | undefined>()
  const backend = await startBackend(t, (request, response) => {
    ports.add(request.socket.remotePort)
    response.end()
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  await gateway.request('/a')
  gateway.reload({ routes: open('/b') })
  await gateway.request('/b')
  t.equal(ports.size, 1)
})

t.test('an upstream that is gone loses its connections once it is idle', async (t) => {
  let closed = 0
  const backend = await startBackend(t, (request, response) => {
    request.socket.once('close', () => (closed += 1))
    response.end()
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  await gateway.request('/a')
  const other = await startBackend(t)
  gateway.reload({ upstream: other.url, routes: open('/a') })
  while (closed === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal((await gateway.request('/a')).status, 200)
  t.equal(other.seen.length, 1)
})

t.test('a file with problems changes nothing', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  t.throws(() => {
    gateway.reload({ routes: '\n  - { match: { path: /b }, upstream: nowhere }' })
  }, /routes\[0\]\.upstream/)
  t.equal((await gateway.request('/a')).status, 200)
})

t.test('what only a restart can change is named, and nothing of the file is applied', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  t.throws(() => {
    gateway.reload({ publicUrl: 'http://other.test', auth: 'signUp: closed', routes: open('/b') })
  }, /only a restart can change server\.publicUrl, auth: nothing was applied/)
  t.equal((await gateway.request('/a')).status, 200)
  t.equal((await gateway.request('/b')).status, 404)
})

t.test('a login page that would lead in a circle is refused at a reload too', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, loginPage: /login',
    routes: open('/login'),
  })
  t.throws(() => {
    gateway.reload({ routes: '\n  - { name: login, match: { path: /login }, upstream: api }' })
  }, /auth\.loginPage/)
  t.equal((await gateway.request('/login')).status, 200)
})

t.test('an event stream goes on over a reload', async (t) => {
  let emit = (_text: string): void => undefined
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    emit = (text) => response.write(text)
    emit('data: 1\n\n')
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes: open('/a') })
  const stream = await fetchStream(`${gateway.url}/a`)
  t.equal(await stream.next(), 'data: 1\n\n')
  gateway.reload({ routes: open('/b') })
  emit('data: 2\n\n')
  t.equal(await stream.next(), 'data: 2\n\n')
  stream.end()
})

t.test('the reload of a hundred routes is not seen by those who ask meanwhile', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  const routes = (mark: number): string =>
    Array.from(
      { length: 100 },
      (_, index) => `\n  - { match: { path: /api/r${mark}/${index}/* }, upstream: api }`,
    ).join('') + '\n  - { name: api, match: { path: /api/* }, upstream: api }'
  let isOver = false
  const statuses = new Map<number, number>()
  const caller = async (headers: Record<string, string>): Promise<void> => {
    while (!isOver) {
      const { status } = await gateway.request('/api/x', { headers })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const callers = [caller({ cookie }), caller({ cookie }), caller({})]
  for (let mark = 0; mark < 20; mark += 1) {
    gateway.reload({ routes: routes(mark) })
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  isOver = true
  await Promise.all(callers)
  t.strictSame([...statuses.keys()].sort(), [200, 401])
  t.match(readFileSync(join(gateway.folder, 'gateway.config.yaml'), 'utf8'), '/api/r19/')
})

async function fetchStream(url: string): Promise<{ next: () => Promise<string>; end: () => void }> {
  const call = request(url, { headers: { host } })
  call.end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  response.setEncoding('utf8')
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<string>
  return {
    next: async () => (await chunks.next()).value as string,
    end: () => {
      call.destroy()
    },
  }
}
