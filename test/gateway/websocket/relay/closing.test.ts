import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { startGateway } from '../../../helper/gateway.ts'
import { closeOf, startSocketBackend } from '../backend.ts'
import {
  begin,
  closeCodeIn,
  connect,
  connectRaw,
  frame,
  handshake,
  nextMessage,
  routes,
  until,
} from '../client.ts'

t.test('close codes and reasons arrive as they were said, from both sides', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  for (const said of [
    { code: 1000, reason: '' },
    { code: 1001, reason: 'going on' },
    { code: 3456, reason: 'ä'.repeat(60) },
    { code: 4000, reason: 'x'.repeat(123) },
  ]) {
    const leaving = await connect(t, gateway, '/open/x')
    const left = closeOf(leaving)
    leaving.close(said.code, said.reason)
    t.strictSame(await (await backend.arrival()).closed, said, 'FastAPI hears the client')
    t.strictSame(await left, said, 'the client gets its answer')

    const staying = await connect(t, gateway, '/open/x')
    const ended = closeOf(staying)
    const { socket, closed } = await backend.arrival()
    socket.close(said.code, said.reason)
    t.strictSame(await ended, said, 'the client hears FastAPI')
    t.strictSame(await closed, said, 'FastAPI gets its answer')
  }
})

t.test('a close frame without a code stays one', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const leaving = await connect(t, gateway, '/open/x')
  leaving.close()
  t.equal((await (await backend.arrival()).closed).code, 1005)
  const staying = await connect(t, gateway, '/open/x')
  const ended = closeOf(staying)
  const arrived = await backend.arrival()
  arrived.socket.close()
  t.equal((await ended).code, 1005)
})

t.test(
  'FastAPI hears of a close frame at once, whatever the client does with its socket',
  async (t) => {
    const backend = await startSocketBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const client = await connectRaw(t, gateway, handshake('/open/x'))
    const arrived = await backend.arrival()
    // It keeps its connection open after the answer to its close frame.
    client.socket.write(frame(0x88, Buffer.from([0x0f, 0xa1])))
    t.equal((await arrived.closed).code, 4001)
    t.equal(closeCodeIn(client.received()), 4001)
  },
)

t.test(
  'a client that vanishes takes its connection to FastAPI along, after what it said',
  async (t) => {
    const backend = await startSocketBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const client = await connectRaw(t, gateway, handshake('/open/x'))
      const { socket, closed } = await backend.arrival()
      const said = nextMessage(socket)
      client.socket.write(frame(0x81, 'last words'))
      if (leave === 'resetAndDestroy') await said
      client.socket[leave]()
      t.equal(await said, 'last words')
      t.equal((await closed).code, 1006, `after ${leave}`)
    }
    await until(() => backend.open() === 0)
  },
)

t.test('a FastAPI that vanishes is an error of the server, after what it said', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/x')
  const [message, closed] = [nextMessage(client), closeOf(client)]
  const { request, socket } = await backend.arrival()
  socket.send('last words')
  request.socket.end()
  t.equal(await message, 'last words')
  t.strictSame(await closed, { code: 1011, reason: 'upstream_unreachable' })
  t.ok(gateway.log.some(({ msg, route }) => msg === 'WebSocket: upstream left' && route === 'open'))
  await until(() => backend.open() === 0)
})

t.test('what FastAPI said before it closed reaches a client that reads slowly', async (t) => {
  const messages = 200
  const backend = await startSocketBackend(t, {
    serve: (socket) => {
      for (let index = 0; index < messages; index += 1) socket.send(Buffer.alloc(50_000, index))
      socket.close(4000, 'that was all')
    },
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = begin(t, gateway, '/open/x')
  let received = 0
  client.on('message', () => {
    received += 1
    client.pause()
    setTimeout(() => {
      client.resume()
    }, 2)
  })
  t.strictSame(await closeOf(client), { code: 4000, reason: 'that was all' })
  t.equal(received, messages)
})

t.test('what a client said before it closed reaches a FastAPI that reads slowly', async (t) => {
  const backend = await startSocketBackend(t, {
    serve: (socket) => {
      socket.pause()
    },
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/x')
  const { socket, closed } = await backend.arrival()
  let received = 0
  socket.on('message', () => {
    received += 1
  })
  for (let index = 0; index < 200; index += 1) client.send(Buffer.alloc(50_000))
  client.close(4000, 'that was all')
  await delay(50)
  socket.resume()
  t.strictSame(await closed, { code: 4000, reason: 'that was all' })
  t.equal(received, 200)
})
