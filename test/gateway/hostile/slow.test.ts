import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { listenerOptions } from '../../../src/front/listener.ts'
import { startBackend, startRawBackend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { dial, type Wire } from './wire.ts'

/** Polls a condition that other parties bring about; fails the test when nobody does. */
async function eventually(t: Test, what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > deadline) return void t.fail(what)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  t.pass(what)
}

/** How long a normal request takes now: the best of three, so that one pause of the machine fails nothing. */
async function normalMs(gateway: Running): Promise<number> {
  const times: number[] = []
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = performance.now()
    const reply = await gateway.request('/open/quick')
    if (reply.status !== 200) throw new Error(`a normal request was answered with ${reply.status}`)
    times.push(performance.now() - before)
  }
  return Math.min(...times)
}

function many(t: Test, gateway: Running, count: number): Promise<Wire[]> {
  return Promise.all(Array.from({ length: count }, () => dial(t, gateway.url)))
}

t.test(
  '130 slow requests whose clients leave are ended at FastAPI, and nobody waits for them',
  async (t) => {
    let waiting = 0
    const backend = await startBackend(t, (request, response) => {
      if (request.url === '/open/slow') waiting += 1
      else response.end('quick')
    })
    const gateway = await startGateway(t, { upstream: backend.url })
    const wires = await many(t, gateway, 130)
    for (const { send } of wires) send('GET /open/slow HTTP/1.1\r\nHost: app.test\r\n\r\n')
    await eventually(t, 'all of them have arrived', () => waiting === 130)
    t.ok((await normalMs(gateway)) < 100, 'while they wait')
    for (const { socket } of wires) socket.destroy()
    t.ok((await normalMs(gateway)) < 100, 'right after')
    await eventually(t, 'all of them were cancelled', () => backend.aborted() === 130)
  },
)

t.test('150 uploads that trickle keep nobody else waiting', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const wires = await many(t, gateway, 150)
  for (const { send } of wires) {
    send('POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100000\r\n\r\nx')
  }
  const trickle = setInterval(() => {
    for (const { send } of wires) send('x')
  }, 20)
  t.teardown(() => {
    clearInterval(trickle)
  })
  t.ok((await normalMs(gateway)) < 100, 'while they trickle')
  clearInterval(trickle)
  for (const { socket } of wires) socket.destroy()
  t.ok((await normalMs(gateway)) < 100, 'right after')
  t.notOk(
    backend.seen.some(({ method }) => method === 'POST'),
    'none of them became a complete request',
  )
})

t.test('600 connections that say nothing keep nobody waiting', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const wires = await many(t, gateway, 600)
  for (const { send } of wires.slice(0, 300)) send('GET /open/x HTTP/1.1\r\nHos')
  t.ok((await normalMs(gateway)) < 100)
})

t.test('clients that do not read hold back FastAPI, not the memory of the gateway', async (t) => {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  let taken = 0
  const backend = await startBackend(t, (request, response) => {
    if (request.url !== '/open/endless') return void response.end()
    const pour = (): void => {
      do taken += chunk.length
      while (response.write(chunk))
    }
    response.on('drain', pour)
    pour()
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const wires = await many(t, gateway, 20)
  for (const { socket, send } of wires) {
    socket.pause()
    send('GET /open/endless HTTP/1.1\r\nHost: app.test\r\n\r\n')
  }
  let before = -1
  // Once the buffers of all sockets on the way are full, nothing moves any more.
  while (before !== taken && taken < 2_000_000_000) {
    before = taken
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
  const perReader = taken / wires.length
  t.ok(perReader < 16_000_000, `${Math.round(perReader / 1000)} kB for each reader`)
  t.ok((await normalMs(gateway)) < 100)
})

t.test('an upload that FastAPI does not read is not kept here', async (t) => {
  const upstream = await startRawBackend(t, (socket) => socket.pause())
  const gateway = await startGateway(t, {
    upstream,
    routes:
      '\n  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 1GB }',
  })
  const { socket, send } = await dial(t, gateway.url)
  send('POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 900000000\r\n\r\n')
  const chunk = Buffer.alloc(1_000_000, 'x')
  let isTaken = true
  let taken = 0
  while (isTaken && taken < 100_000_000) {
    taken += chunk.length
    isTaken = await Promise.race([
      new Promise<boolean>((resolve) => {
        socket.write(chunk, () => {
          resolve(true)
        })
      }),
      new Promise<boolean>((resolve) => setTimeout(resolve, 500, false)),
    ])
  }
  t.ok(taken < 30_000_000, `${taken / 1_000_000} MB were taken`)
})

t.test('a head that never ends is cut at its deadline', async (t) => {
  const usual = listenerOptions({ tls: null }, () => false) as { http: ServerOptions }
  t.ok((usual.http.headersTimeout ?? Infinity) <= 10_000)
  const deadlines = { headersMs: 500, checkMs: 100 }
  const { http } = listenerOptions({ tls: null, deadlines }, () => false) as typeof usual
  const server = createServer(http)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const wire = await dial(t, url)
  wire.send('GET / HTTP/1.1\r\n')
  const trickle = setInterval(() => {
    wire.send('X: y\r\n')
  }, 50)
  const before = performance.now()
  await wire.ended
  clearInterval(trickle)
  t.ok(performance.now() - before < 3000, 'whatever it sends in the meantime')
})
