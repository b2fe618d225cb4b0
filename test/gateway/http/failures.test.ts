import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { closedPort, startBackend, startRawBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { dial } from '../hostile/wire.ts'

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
  let speak: (socket: Socket) => void = () => undefined
  const upstream = await startRawBackend(t, (socket) => {
    speak(socket)
  })
  const gateway = await startGateway(t, { upstream })
  for (const [why, answer] of Object.entries(answers)) {
    speak = answer
    const reply = await gateway.request('/open/x')
    t.equal(reply.status, 502, why)
    t.match(reply.json(), { code: /^upstream_(unreachable|invalid)$/, action: 'retry' }, why)
    t.notMatch(reply.text, /127\.0\.0\.1|ECONN|UND_ERR/, `${why}: no address, no code of a library`)
  }
  const down = await startGateway(t, { upstream: await closedPort() })
  const reply = await down.request('/open/x', { method: 'POST', body: 'x' })
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

t.test(
  'a client of HTTP/1.0, which only knows the end of the connection, sees a reset',
  async (t) => {
    const upstream = await startRawBackend(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n')
      socket.on('data', () => socket.resetAndDestroy())
    })
    const gateway = await startGateway(t, { upstream })
    const { port } = new URL(gateway.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write('POST /open/x HTTP/1.0\r\nHost: app.test\r\nContent-Length: 2\r\n\r\nx')
    await once(socket, 'data')
    socket.write('y')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    t.equal(error.code, 'ECONNRESET')
  },
)

t.test(
  'a FastAPI that does not answer in time is a 504, and keeps nobody else waiting',
  async (t) => {
    const backend = await startBackend(t, (request, response) => {
      if (request.url !== '/open/hangs') response.end('ok')
    })
    const gateway = await startGateway(t, {
      upstream: `  api: { url: "${backend.url}", timeout: { firstByte: 600ms } }`,
    })
    const hung = Array.from({ length: 50 }, () => gateway.request('/open/hangs'))
    for (let index = 0; index < 10; index += 1) {
      t.equal((await gateway.request('/open/quick')).status, 200)
    }
    for (const reply of await Promise.all(hung)) {
      t.match(reply.json(), { status: 504, code: 'upstream_timeout', action: 'retry' })
    }
    while (backend.aborted() < 50) await new Promise(setImmediate)
    t.equal(backend.seen.length, 60, 'each was asked exactly once')
  },
)

t.test('an answer that stops in the middle is cut after the idle time', async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('half')
  })
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { idle: 300ms } }`,
  })
  await t.rejects(gateway.request('/open/x'))
  while (backend.aborted() === 0) await new Promise(setImmediate)
})

t.test('an answer in pieces has no limit but the time between two of them', async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    let left = 12
    const timer = setInterval(() => {
      left -= 1
      if (left > 0) return void response.write('piece ')
      clearInterval(timer)
      response.end('end')
    }, 100)
  })
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { idle: 1s, firstByte: 1s } }`,
  })
  t.equal((await gateway.request('/open/x')).text, 'piece '.repeat(11) + 'end')
})

t.test('a failure that FastAPI itself answers with passes after one request', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    response.writeHead(Number(request.url?.split('/').at(-1))).end('mine')
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  for (const method of ['GET', 'POST'] as const) {
    for (const status of [500, 502, 503, 504]) {
      t.match(await gateway.request(`/open/${status}`, { method }), { status, text: 'mine' })
    }
  }
  t.equal(backend.seen.length, 8)
})

t.test('whatever becomes of a request, its slot is free afterwards', async (t) => {
  const says = {
    '/open/complete': (socket: Socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    '/open/empty': (socket: Socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
    '/maybe/taken-over': (socket: Socket) =>
      socket.write('HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno'),
    '/open/reset': (socket: Socket) => socket.resetAndDestroy(),
    '/open/nonsense': (socket: Socket) => socket.write('hello\r\n\r\n'),
    '/open/invalid': (socket: Socket) => socket.write('HTTP/1.1 700 X\r\n\r\n'),
    '/open/switched': (socket: Socket) => socket.write('HTTP/1.1 101 X\r\n\r\n'),
    '/open/silent': () => undefined,
    '/open/half': (socket: Socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    '/open/cut': (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    '/open/stream': (socket: Socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n'),
    '/open/refused-upload': () => undefined,
  }
  let answer: (socket: Socket) => unknown = () => undefined
  const upstream = await startRawBackend(t, (socket) => {
    answer(socket)
    socket.on('data', () => answer(socket))
  })
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${upstream}", maxInFlight: 1, breaker: none, timeout: { firstByte: 200ms, idle: 200ms } }`,
    routes: `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 10B }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }`,
  })
  const tooMuch = 'Transfer-Encoding: chunked\r\n\r\n14\r\n01234567890123456789\r\n0\r\n\r\n'
  for (const [path, speak] of Object.entries(says)) {
    for (const round of [1, 2]) {
      answer = speak
      const wire = await dial(t, gateway.url)
      const rest = path === '/open/refused-upload' ? tooMuch : '\r\n'
      wire.send(`POST ${path} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n${rest}`)
      t.notMatch(await wire.ended, /"code":"overloaded"/, `${path}, ${round}`)
    }
  }
})
