import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { startGateway } from '../helper/gateway.ts'
import { dial } from '../gateway/hostile/wire.ts'

/**
 * The attack: ask for a WebSocket, send one byte more, and leave. In a socket that nobody reads the end stays unseen behind that byte, and the slot at
 * FastAPI was taken until FastAPI's time ran out, without a connection of the attacker's own.
 */
t.test('a client that leaves behind early bytes leaves nothing at FastAPI', async (t) => {
  const calls = new Set<Socket>()
  const server = createServer((socket) => {
    calls.add(socket)
    socket.on('error', () => undefined)
    socket.resume()
    socket.once('close', () => calls.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of calls) socket.destroy()
    server.close()
  })
  const gateway = await startGateway(t, {
    upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    routes: '\n  - { name: ws, match: { path: /ws }, upstream: api, auth: none, websocket: true }',
  })
  const handshake =
    'GET /ws HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const wire = await dial(t, gateway.url)
    wire.send(`${handshake}x`)
    while (calls.size === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    wire.send('y')
    wire.socket[leave]()
    const before = performance.now()
    while (calls.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    t.ok(performance.now() - before < 1000, leave)
  }
})
