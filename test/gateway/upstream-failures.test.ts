import type { Socket } from 'node:net'
import t from 'tap'
import { closedPort, startBackend, startRawBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'

t.test('a FastAPI that is down, resets or talks nonsense is a 502 in our words', async (t) => {
  const answers = {
    'a reset': (socket: Socket) => socket.resetAndDestroy(),
    'a close': (socket: Socket) => socket.end(),
    'half a header': (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'),
    'no HTTP': (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
    'an absurd status': (socket: Socket) => socket.end('HTTP/1.1 99999 X\r\n\r\n'),
    'two lengths': (socket: Socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde'),
  }
  for (const [why, speak] of Object.entries(answers)) {
    const gateway = await startGateway(t, { upstream: await startRawBackend(t, speak) })
    const reply = await gateway.request('/open/x')
    t.equal(reply.status, 502, why)
    t.match(reply.json(), { code: /^upstream_(unreachable|invalid)$/, action: 'retry' }, why)
    t.notMatch(reply.text, /127\.0\.0\.1|ECONN|UND_ERR/, `${why}: no address, no code of a library`)
  }
  const gateway = await startGateway(t, { upstream: await closedPort() })
  const reply = await gateway.request('/open/x', { method: 'POST', body: 'x' })
  t.match(reply.json(), { status: 502, code: 'upstream_unreachable' })
  t.notMatch(reply.text, /127\.0\.0\.1/)
})

t.test('a body that breaks off is visibly broken, never complete-looking', async (t) => {
  const upstream = await startRawBackend(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this')
    setImmediate(() => socket.resetAndDestroy())
  })
  const gateway = await startGateway(t, { upstream })
  await t.rejects(gateway.request('/open/x'))
})

t.test('a FastAPI that does not answer in time is a 504', async (t) => {
  const backend = await startBackend(t, () => undefined)
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { firstByte: 300ms } }`,
  })
  t.match((await gateway.request('/open/x')).json(), { status: 504, code: 'upstream_timeout' })
})

t.test('an answer that stops in the middle is cut after the idle time', async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('half')
  })
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { idle: 300ms } }`,
  })
  await t.rejects(gateway.request('/open/x'))
})
