import { connect as connectTcp } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { startGateway } from '../../../helper/gateway.ts'
import { startSocketBackend } from '../backend.ts'
import { connect, handshake, nextMessage, routes, until } from '../client.ts'

t.test('forty handshakes that are reset at any moment leave nothing behind', async (t) => {
  const backend = await startSocketBackend(t, {
    // FastAPI takes its time, so that the resets fall before, into and after its answer.
    onUpgrade: (_request, _socket, accept) => {
      setTimeout(accept, 10)
    },
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const { hostname, port } = new URL(gateway.url)
  await gateway.request('/open/x')
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const socket = connectTcp(Number(port), hostname)
      socket.on('error', () => undefined)
      socket.write(handshake('/open/x'))
      await delay(index / 2)
      socket.resetAndDestroy()
    }),
  )
  const started = performance.now()
  t.equal((await gateway.request('/open/x')).text, 'plain')
  const tookMs = performance.now() - started
  t.ok(tookMs < 100, `${tookMs} ms`)
  await until(() => backend.open() <= 1)
})

t.test('slots at the upstream come back after every kind of end', async (t) => {
  const backend = await startSocketBackend(t)
  const upstream = `  api: { url: "${backend.url}", maxInFlight: 1 }`
  const gateway = await startGateway(t, { upstream, routes })
  const { hostname, port } = new URL(gateway.url)
  for (let count = 0; count < 20; count += 1) {
    const socket = connectTcp(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.write(handshake(count % 2 === 0 ? '/open/x' : '/live/x'))
    await delay(count % 5)
    socket.resetAndDestroy()
  }
  await until(() => backend.open() === 0)
  const client = await connect(t, gateway, '/open/x')
  const other = await connect(t, gateway, '/open/x')
  for (const each of [client, other]) {
    const echo = nextMessage(each)
    each.send('still here')
    t.equal(await echo, 'still here', 'a stream holds no slot')
  }
})
