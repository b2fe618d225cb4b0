import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { signUp, startGateway, type SignedIn } from '../helper/gateway.ts'

t.test('a body on GET is a body, never a second request', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const hidden = 'GET /api/secret HTTP/1.1\r\nHost: app.test\r\n\r\n'
  const reply = await gateway.raw(
    `GET /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  )
  t.match(reply, /^HTTP\/1\.1 200 /)
  t.equal(backend.seen.length, 1)
  t.equal(backend.seen[0]!.body.toString(), hidden)
})

t.test('an upgrade that is not WebSocket is ignored, and nothing is tunnelled', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const reply = await gateway.raw(
    'GET /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
  )
  t.match(reply, /^HTTP\/1\.1 200 /)
  t.notOk('upgrade' in backend.seen[0]!.headers)
  t.notOk('http2-settings' in backend.seen[0]!.headers)
})

t.test('surplus bytes of FastAPI never answer somebody else', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    const body = `for ${String(request.url)}`
    response.writeHead(200, { 'content-length': body.length })
    response.end(body)
    // Behind the answer, on the same connection, one that nobody asked for.
    response.socket?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  for (let index = 0; index < 20; index += 1) {
    const reply = await gateway.request(`/open/${index}`)
    if (reply.status === 200) t.equal(reply.text, `for /open/${index}`)
    else t.equal(reply.status, 502)
  }
})

t.test('identities are never mixed up over shared connections', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    response.end(String(request.headers['x-user-id']))
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const users: SignedIn[] = []
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    users.push(await signUp(gateway, `${name}@example.com`))
  const wrong: string[] = []
  await Promise.all(
    Array.from({ length: 1000 }, async (_unused, index) => {
      const user = users[(index * 7) % users.length]!
      const isAnonymous = index % 11 === 0
      const headers = isAnonymous ? {} : { cookie: user.cookie }
      const { text } = await gateway.request('/maybe/x', { headers })
      if (text !== (isAnonymous ? 'undefined' : user.id)) wrong.push(text)
    }),
  )
  t.same(wrong, [])
})

t.test('resets at every phase leave a process that answers', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { port } = new URL(gateway.url)
  const phases = [
    '',
    'GET ',
    'GET /open/x HTTP/1.1\r\nHost: ap',
    'GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n',
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1000\r\n\r\nhalf',
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe',
    'GET /open/x HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  ]
  for (let round = 0; round < 10; round += 1) {
    for (const bytes of phases) {
      const socket = connect(Number(port), '127.0.0.1')
      await once(socket, 'connect')
      socket.on('error', () => undefined)
      if (bytes !== '') await new Promise((resolve) => socket.write(bytes, resolve))
      socket.resetAndDestroy()
    }
  }
  t.equal((await gateway.request('/open/x')).status, 200)
  t.notOk(
    gateway.log.some(({ level }) => (level as number) >= 50),
    'nothing was logged as an error',
  )
})

t.test(
  'a header value that FastAPI could not have sent is not passed on as if it had',
  async (t) => {
    const backend = await startBackend(t, (_request, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nX-Bad: a\u0001b\r\nContent-Length: 2\r\n\r\nok')
    })
    const gateway = await startGateway(t, { upstream: backend.url })
    const reply = await gateway.request('/open/x')
    t.equal(reply.status, 502)
    t.equal(reply.json()['code'], 'upstream_invalid')
  },
)

t.test('a body that is announced too large is refused before any of it is sent', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const reply = await gateway.raw(
    'POST /open/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2000000\r\n\r\n',
  )
  t.match(reply, /^HTTP\/1\.1 413 [^]*connection: close[^]*body_too_large/i)
})

t.test('a header that may occur once is refused when it occurs twice', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  for (const [name, value] of [
    ['Content-Type', 'text/plain'],
    ['Origin', 'http://app.test'],
  ] as const) {
    const line = `${name}: ${value}\r\n`
    const reply = await gateway.raw(
      `GET /open/x HTTP/1.1\r\nHost: app.test\r\n${line}${line}Connection: close\r\n\r\n`,
    )
    t.match(reply, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/, name)
  }
  t.equal(backend.seen.length, 0)
})
