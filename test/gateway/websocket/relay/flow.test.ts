import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { WebSocket } from 'ws'
import { startGateway } from '../../../helper/gateway.ts'
import { closeOf, startSocketBackend } from '../backend.ts'
import { connect, connectRaw, frame, handshake, routes, until } from '../client.ts'

const megabyte = 1_000_000
const piece = Buffer.alloc(10_000)

/** Sends as fast as the socket takes it, until it closes or so much has been handed over. */
function flood(socket: WebSocket, bytes: number): () => number {
  let sent = 0
  const more = (): void => {
    while (sent < bytes && socket.bufferedAmount < 100_000) {
      sent += piece.length
      socket.send(piece, more)
    }
  }
  more()
  return () => sent - socket.bufferedAmount
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What the process holds outside of the heap, once the garbage is gone. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collectGarbage()
    await delay(20)
  }
  return process.memoryUsage().external
}

/** Waits until a count stands still, and says at what. */
async function standstill(count: () => number): Promise<number> {
  let before = -1
  while (count() !== before) {
    before = count()
    await delay(200)
  }
  return before
}

t.test('a FastAPI that floods a reader who has stopped is stopped too', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/x')
  let received = 0
  client.on('message', (data) => (received += (data as Buffer).length))
  client.pause()
  const { socket } = await backend.arrival()
  const before = await heldBytes()
  const taken = flood(socket, 100 * megabyte)
  // What the kernel buffers on four sockets is not ours; it is a small part of the flood.
  t.ok((await standstill(taken)) < 30 * megabyte)
  const held = (await heldBytes()) - before
  t.ok(held < megabyte, `${held} bytes, the two sockets of the test included`)
  client.resume()
  await until(() => received === 100 * megabyte, 20_000)
})

t.test('a client that floods a FastAPI which has stopped reading is stopped too', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/x')
  const { socket } = await backend.arrival()
  socket.removeAllListeners('message')
  let received = 0
  socket.on('message', (data) => (received += (data as Buffer).length))
  socket.pause()
  const taken = flood(client, 100 * megabyte)
  t.ok((await standstill(taken)) < 30 * megabyte)
  socket.resume()
  await until(() => received === 100 * megabyte, 20_000)
})

t.test('a reader who has stopped can still close, in the middle of the flood', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/x')
  client.pause()
  const { socket, closed } = await backend.arrival()
  await standstill(flood(socket, 100 * megabyte))
  const started = performance.now()
  client.close(4000, 'too much')
  t.strictSame(await closed, { code: 4000, reason: 'too much' })
  t.ok(performance.now() - started < 3000)
})

t.test('a flood of pings at a reader who has stopped is stopped too', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connectRaw(t, gateway, handshake('/open/x'))
  const { request, socket } = await backend.arrival()
  socket.pause()
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(0x89, Buffer.alloc(125))))
  let taken = 0
  const more = (): void => {
    while (client.socket.writable && taken < 50 * megabyte) {
      taken += pings.length
      if (!client.socket.write(pings)) return
    }
  }
  client.socket.on('drain', more)
  more()
  t.ok((await standstill(() => taken)) < 30 * megabyte)
  request.socket.destroy()
})

const impatient = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, websocket: { idle: 100ms } }`

t.test('two silent sides that answer pings stay; nobody else hears of it', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes: impatient })
  const client = await connect(t, gateway, '/open/x')
  const { socket } = await backend.arrival()
  const heard: string[] = []
  client.on('ping', () => heard.push('ping at the client'))
  client.on('pong', () => heard.push('pong at the client'))
  socket.on('ping', () => heard.push('ping at FastAPI'))
  socket.on('pong', () => heard.push('pong at FastAPI'))
  await delay(700)
  t.equal(client.readyState, client.OPEN)
  t.ok(heard.filter((what) => what === 'ping at the client').length >= 2)
  t.ok(heard.filter((what) => what === 'ping at FastAPI').length >= 2)
  t.notOk(
    heard.some((what) => what.startsWith('pong')),
    'the pongs are ours',
  )
})

t.test('a client that is silent and answers no ping is given up', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes: impatient })
  const client = await connect(t, gateway, '/open/x', { autoPong: false })
  const [ended, { closed }] = [closeOf(client), await backend.arrival()]
  t.strictSame(await ended, { code: 3008, reason: '' })
  t.strictSame(await closed, { code: 1001, reason: '' })
})

t.test(
  'a FastAPI that is silent and answers no ping is given up, however busy the client',
  async (t) => {
    const backend = await startSocketBackend(t, { autoPong: false, serve: () => undefined })
    const gateway = await startGateway(t, { upstream: backend.url, routes: impatient })
    const client = await connect(t, gateway, '/open/x')
    const talking = setInterval(() => {
      client.send('anybody there?')
    }, 30)
    t.strictSame(await closeOf(client), { code: 3008, reason: 'upstream_timeout' })
    clearInterval(talking)
    await until(() => backend.open() === 0)
  },
)

t.test('a client that talks is not silent, and idle: 0 never asks', async (t) => {
  const never = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, websocket: { idle: 0s } }`
  for (const [routes, talks] of [
    [impatient, true],
    [never, false],
  ] as const) {
    const backend = await startSocketBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const client = await connect(t, gateway, '/open/x', { autoPong: false })
    const talking = setInterval(() => {
      if (talks) client.send('echo')
    }, 30)
    await delay(500)
    clearInterval(talking)
    t.equal(client.readyState, client.OPEN)
  }
})
