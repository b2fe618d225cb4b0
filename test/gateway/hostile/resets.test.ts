import t, { type Test } from 'tap'
import { startBackend, startRawBackend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { signCookie } from '../../helper/token.ts'
import { dial } from './wire.ts'

const phases = {
  'nothing sent': '',
  'half a method': 'GE',
  'half a head': 'GET /open/x HTTP/1.1\r\nHost: ap',
  'a whole head': 'GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n',
  'half a body': 'POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1000\r\n\r\nhalf',
  'half a chunk':
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe',
  'an expectation':
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
  'a refused upload': 'POST /api/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1000\r\n\r\nhalf',
  'a handshake':
    'GET /open/x HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'a tunnel': 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'no HTTP': '\u0016\u0003\u0001\u0002\u0000\u0001',
  'requests ahead': 'GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n'.repeat(20),
  'a sign-in':
    'POST /api/auth/sign-in/email HTTP/1.1\r\nHost: app.test\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap').length
}

/** Whatever was done to it: the gateway answers, has logged no bug, and has let go of every socket. */
async function isUnharmed(t: Test, gateway: Running, before: number): Promise<void> {
  t.equal((await gateway.request('/open/x')).status, 200)
  t.same(
    gateway.log.filter(({ level }) => (level as number) >= 50),
    [],
  )
  const deadline = performance.now() + 8000
  // One connection is our own client's, and FastAPI's idle ones are kept for a moment.
  while (openSockets() > before && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  t.ok(openSockets() <= before, `${openSockets()} sockets are open, ${before} were before`)
}

async function startQuiet(t: Test): Promise<{ gateway: Running; before: number }> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  await gateway.request('/open/x')
  return { gateway, before: openSockets() }
}

t.test('resets at every phase leave a process that answers, and no socket', async (t) => {
  const { gateway, before } = await startQuiet(t)
  for (let round = 0; round < 10; round += 1) {
    for (const bytes of Object.values(phases)) {
      const { socket } = await dial(t, gateway.url)
      if (bytes !== '') await new Promise((resolve) => socket.write(bytes, 'latin1', resolve))
      // At once, or once the gateway has begun to act on it.
      if (round % 2 === 1) await new Promise((resolve) => setTimeout(resolve, round))
      socket.resetAndDestroy()
    }
  }
  await isUnharmed(t, gateway, before)
})

t.test('a reset while a session is looked up ends nothing', async (t) => {
  const backend = await startBackend(t)
  let lookUps = 0
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: '\n  - { name: live, match: { path: /live/* }, upstream: api, websocket: true }',
    wrapSource: (source) => ({
      ...source,
      findByToken: async () => {
        lookUps += 1
        await new Promise((resolve) => setTimeout(resolve, 100))
        return null
      },
    }),
  })
  const cookie = `better-auth.session_token=${signCookie('a-token-that-is-looked-up-slowly')}`
  for (const more of [
    '',
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
  ]) {
    const before = lookUps
    const { socket, send } = await dial(t, gateway.url)
    send(`GET /live/x HTTP/1.1\r\nHost: app.test\r\nCookie: ${cookie}\r\n${more}\r\n`)
    while (lookUps === before) await new Promise((resolve) => setImmediate(resolve))
    socket.resetAndDestroy()
    await new Promise((resolve) => setTimeout(resolve, 200))
    // A no is remembered for two seconds; the next look-up must be one.
    gateway.clock.offsetMs += 3000
  }
  t.equal((await gateway.request('/nowhere')).status, 404)
  t.same(backend.seen, [])
})

t.test('clients that say goodbye and stay leave no socket behind', async (t) => {
  const { gateway, before } = await startQuiet(t)
  for (const [why, bytes] of Object.entries(phases)) {
    const wire = await dial(t, gateway.url)
    if (bytes !== '') wire.send(bytes)
    wire.socket.end()
    await wire.ended
    t.pass(`${why}: the gateway ended the connection`)
  }
  await isUnharmed(t, gateway, before)
})

t.test('a FastAPI that resets at every phase ends nothing but its request', async (t) => {
  const answers = ['', 'HTTP/1.1 2', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf']
  for (const answer of answers) {
    const upstream = await startRawBackend(t, (socket) => {
      if (answer !== '') socket.write(answer)
      setTimeout(() => socket.resetAndDestroy(), 5)
    })
    const gateway = await startGateway(t, { upstream })
    for (const bytes of [phases['a whole head'], phases['half a body'], phases['half a chunk']]) {
      const wire = await dial(t, gateway.url)
      wire.send(bytes)
      t.match(
        await wire.until(/\r\n\r\n/).catch(() => ''),
        /^(?:HTTP\/1\.1 (?:502|200) |$)/,
        answer,
      )
      wire.socket.resetAndDestroy()
    }
    t.same(
      gateway.log.filter(({ level }) => (level as number) >= 50),
      [],
    )
  }
})
