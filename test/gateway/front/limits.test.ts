import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { dial, statuses, type Wire } from '../hostile/wire.ts'

const head = (path: string, client: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: ${client}\r\n${more}\r\n`

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 3000
  while (!holds()) {
    if (performance.now() > end) throw new Error(what)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

interface Slow {
  readonly gateway: Running
  /** Requests to `/open/slow` that wait for their answer. */
  readonly waiting: ServerResponse[]
  readonly aborted: () => number
}

/** A gateway at which each client may have two requests under way, before a FastAPI that lets `/open/slow` wait. */
async function startSlow(t: Test): Promise<Slow> {
  const waiting: ServerResponse[] = []
  const backend = await startBackend(t, (request, response) => {
    if (request.url === '/open/slow') waiting.push(response)
    else response.end('quick')
  })
  const server = 'limits: { requestsPerClient: 2 }'
  const gateway = await startGateway(t, { upstream: backend.url, server })
  return { gateway, waiting, aborted: backend.aborted }
}

async function occupy(
  t: Test,
  { gateway, waiting }: Slow,
  client: string,
): Promise<readonly Wire[]> {
  const before = waiting.length
  const wires = [await dial(t, gateway.url), await dial(t, gateway.url)]
  for (const wire of wires) wire.send(head('/open/slow', client))
  await until(() => waiting.length === before + 2, 'both have arrived')
  return wires
}

async function ask(gateway: Running, client: string, path = '/open/quick'): Promise<number> {
  const headers = { 'x-forwarded-for': client }
  return (await gateway.request(path, { headers })).status
}

const one = '198.51.100.1'

t.test(
  'a client with too many requests under way is told so at once, and nobody else is',
  async (t) => {
    const slow = await startSlow(t)
    const { gateway, waiting } = slow
    await occupy(t, slow, '2001:db8::1')
    const headers = { 'x-forwarded-for': '2001:db8::2' }
    const reply = await gateway.request('/open/quick', { headers })
    t.equal(reply.status, 503)
    t.match(reply.json(), { code: 'overloaded', action: 'retry' })
    t.match(reply.headers, { 'retry-after': '1' })
    t.equal(await ask(gateway, '2001:db8:0:1::1'), 200)
    t.equal(await ask(gateway, one), 200)
    for (const response of waiting) response.end()
    await until(() => waiting.every(({ writableFinished }) => writableFinished), 'all are answered')
    t.equal(await ask(gateway, '2001:db8::3'), 200)
  },
)

const ends: Readonly<Record<string, (slow: Slow, wires: readonly Wire[]) => void>> = {
  'that was answered': ({ waiting }) => {
    for (const response of waiting) response.end()
  },
  'whose client has left': (_slow, wires) => {
    for (const { socket } of wires) socket.destroy()
  },
  'whose client has reset its connection': (_slow, wires) => {
    for (const { socket } of wires) socket.resetAndDestroy()
  },
  'that FastAPI has cut': ({ waiting }) => {
    for (const response of waiting) response.destroy()
  },
}

for (const [what, end] of Object.entries(ends)) {
  t.test(`a request ${what} counts no longer`, async (t) => {
    const slow = await startSlow(t)
    const wires = await occupy(t, slow, one)
    t.equal(await ask(slow.gateway, one), 503)
    end(slow, wires)
    let status = 503
    for (let tries = 0; status === 503 && tries < 100; tries += 1) {
      status = await ask(slow.gateway, one)
      if (status === 503) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    t.equal(status, 200)
    await Promise.all([occupy(t, slow, one)])
    t.equal(await ask(slow.gateway, one), 503, 'and the cap is where it was')
  })
}

t.test('refused requests and used connections leave nothing behind', async (t) => {
  const { gateway } = await startSlow(t)
  const paths = ['/open/a', '/api/401', '/none/404', '/open/..%2f', '/_gateway/session']
  for (let round = 0; round < 3; round += 1) {
    for (const path of paths) t.not(await ask(gateway, one, path), 503, path)
  }
})

t.test('a client that sends a pipeline and leaves is not counted for it forever', async (t) => {
  const slow = await startSlow(t)
  const { gateway, waiting } = slow
  const wire = await dial(t, gateway.url)
  wire.send(head('/open/slow', one) + head('/open/quick', one) + head('/open/quick', one))
  await until(() => waiting.length === 1, 'the first has arrived')
  t.equal(await ask(gateway, one), 503)
  wire.socket.destroy()
  await until(() => slow.aborted() > 0, 'the first is cancelled')
  t.equal(await ask(gateway, one), 200)
  await occupy(t, slow, one)
  t.equal(await ask(gateway, one), 503)
})

t.test('of a pipeline every request has its answer, in its order', async (t) => {
  const { gateway, waiting } = await startSlow(t)
  const wire = await dial(t, gateway.url)
  wire.send(head('/open/slow', one) + head('/open/quick', one) + head('/open/more', one))
  await until(() => waiting.length === 1, 'the first has arrived')
  wire.send(head('/open/after', '198.51.100.2', 'Connection: close\r\n'))
  waiting[0]?.end('slow')
  t.same(statuses(await wire.ended), [200, 200, 503, 200])
})

t.test('a connection too many is closed at once, and those that are open go on', async (t) => {
  const backend = await startBackend(t)
  const server = 'limits: { connections: 3 }'
  const gateway = await startGateway(t, { upstream: backend.url, server })
  const open = [await dial(t, gateway.url), await dial(t, gateway.url), await dial(t, gateway.url)]
  for (const wire of open) {
    wire.send(head('/open/x', one))
    await wire.until(/HTTP\/1\.1 200 /)
  }
  const surplus = await dial(t, gateway.url)
  surplus.send(head('/open/x', one))
  t.equal(await surplus.ended, '')
  for (const wire of open) {
    wire.send(head('/open/x', one))
    await wire.until(/(?:HTTP\/1\.1 200 [^]*){2}/)
  }
  open[0]?.socket.destroy()
  await open[0]?.ended
  gateway.reload({ server: 'limits: { connections: 4 }' })
  for (let index = 0; index < 2; index += 1) {
    const wire = await dial(t, gateway.url)
    wire.send(head('/open/x', one))
    t.match(await wire.until(/HTTP\/1\.1 200 /), /200/)
  }
})
