import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { dial } from '../hostile/wire.ts'

/** Polls what other parties bring about, and tells how long it took, milliseconds. */
async function until(holds: () => boolean): Promise<number> {
  const before = performance.now()
  while (!holds()) await new Promise(setImmediate)
  return performance.now() - before
}

/** Within 100 ms; a busy machine may fail to notice it once. */
function isAtOnce(t: Test, times: readonly number[]): void {
  t.ok(Math.min(...times) < 100, `after ${times.map(Math.round).join(', ')} ms`)
}

/** One slot, and a breaker that opens at the first failure: what a leaving client leaves behind shows at once. */
const touchy = 'maxInFlight: 1, breaker: { errors: 1%, minimum: 1 }, timeout: { firstByte: 10m }'

/** The only slot is free, and FastAPI was not blamed. */
async function isUnharmed(t: Test, gateway: Running, what: string): Promise<void> {
  t.equal((await gateway.request('/open/next')).status, 200, `${what}: the next request is served`)
  t.notOk(
    gateway.log.some(({ level }) => (level as number) >= 40),
    `${what}: FastAPI is not to blame`,
  )
}

t.test('a client that leaves ends the request at FastAPI, wherever it has got to', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    if (request.url === '/open/next') return void response.end('ok')
    if (request.url === '/open/half') response.write('half')
    if (request.url === '/open/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    }
  })
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", ${touchy} }`,
  })
  const arrives = async (count: number): Promise<void> => {
    await until(() => backend.seen.length === count)
  }
  const phases = {
    'before the answer': ['GET /open/silent', '', /^$/],
    'in the answer': ['GET /open/half', '', /half/],
    'in an event stream': ['GET /open/stream', '', /event-stream/],
    'after a body': ['POST /open/silent', 'Content-Length: 2\r\n\r\nhi', /^$/],
  } as const
  const times: number[] = []
  for (const [phase, [line, rest, seen]] of Object.entries(phases)) {
    const wire = await dial(t, gateway.url)
    const [arrived, aborted] = [backend.seen.length, backend.aborted()]
    wire.send(`${line} HTTP/1.1\r\nHost: app.test\r\n${rest === '' ? '\r\n' : rest}`)
    await arrives(arrived + 1)
    await wire.until(seen)
    wire.socket.destroy()
    times.push(await until(() => backend.aborted() === aborted + 1))
    await isUnharmed(t, gateway, phase)
  }
  isAtOnce(t, times)
})

t.test('a client that leaves in its upload ends it at FastAPI', async (t) => {
  let open = 0
  const server = createTcpServer((socket) => {
    open += 1
    socket.on('error', () => undefined).on('close', () => (open -= 1))
    socket.on('data', (bytes) => {
      if (bytes.includes('/open/next')) socket.end('HTTP/1.1 204 No Content\r\n\r\n')
    })
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = await startGateway(t, { upstream: `  api: { url: "${url}", ${touchy} }` })
  const times: number[] = []
  for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
    const wire = await dial(t, gateway.url)
    wire.send('PUT /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 9000\r\n\r\nhalf')
    await until(() => open === 1)
    wire.socket[leave]()
    times.push(await until(() => open === 0))
    const next = await dial(t, gateway.url)
    next.send('GET /open/next HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n')
    t.match(await next.ended, /^HTTP\/1\.1 204 /, leave)
    await until(() => open === 0)
  }
  isAtOnce(t, times)
  t.notOk(gateway.log.some(({ level }) => (level as number) >= 40))
})

t.test('a client that leaves while FastAPI is being connected to holds no slot', async (t) => {
  let dialled = 0
  // Takes connections and never says a word: the TLS handshake does not end.
  const server = createTcpServer((socket) => {
    dialled += 1
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "https://127.0.0.1:${port}", maxInFlight: 1, retry: { attempts: 0 }, timeout: { connect: 1500ms } }`,
  })
  const call = (more: string): string => `GET /open/x HTTP/1.1\r\nHost: app.test\r\n${more}\r\n`
  for (const round of [1, 2, 3]) {
    const wire = await dial(t, gateway.url)
    wire.send(call(''))
    await until(() => dialled === round)
    const full = await dial(t, gateway.url)
    full.send(call('Connection: close\r\n'))
    t.match(await full.ended, /"code":"overloaded"/, 'the only slot is taken')
    wire.socket.destroy()
    await once(wire.socket, 'close')
    // The gateway learns of it in its own time; the next round takes the slot, or waits in vain.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const last = await dial(t, gateway.url)
  last.send(call('Connection: close\r\n'))
  t.match(await last.ended, /"code":"upstream_unreachable"/, 'not overloaded')
  t.equal(gateway.log.filter(({ level }) => (level as number) >= 40).length, 1)
})

t.test('a client that leaves while it is found out who it is sends nothing on', async (t) => {
  const backend = await startBackend(t)
  let asked = 0
  let tell: () => void = () => undefined
  const gateway = await startGateway(t, {
    upstream: backend.url,
    wrapSource: (source) => ({
      ...source,
      findByToken: async (token) => {
        asked += 1
        if (asked === 1) await new Promise<void>((resolve) => (tell = resolve))
        return source.findByToken(token)
      },
    }),
  })
  const { cookie } = await signUp(gateway)
  const wire = await dial(t, gateway.url)
  wire.send(
    `POST /api/x HTTP/1.1\r\nHost: app.test\r\nOrigin: http://app.test\r\nCookie: ${cookie}\r\nContent-Length: 0\r\n\r\n`,
  )
  await until(() => asked === 1)
  wire.socket.destroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  tell()
  t.equal((await gateway.request('/api/y', { headers: { cookie } })).status, 200)
  t.same(
    backend.seen.map(({ url }) => url),
    ['/api/y'],
  )
})

t.test('requests that were sent ahead are cancelled with their connection', async (t) => {
  const backend = await startBackend(t, () => undefined)
  const gateway = await startGateway(t, { upstream: backend.url })
  const wire = await dial(t, gateway.url)
  wire.send('GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n'.repeat(5))
  await until(() => backend.seen.length === 5)
  wire.socket.resetAndDestroy()
  isAtOnce(t, [await until(() => backend.aborted() === 5)])
})
