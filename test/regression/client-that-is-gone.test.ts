import { connect } from 'node:net'
import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'

// The attack: a request and a reset in one go. By the time that the request is looked at, its socket no longer says whose it was, and
// the request reached FastAPI with an empty X-Forwarded-For and was counted under no address: limits by address did not see it, and
// FastAPI took it to come from nobody at all. What it does there is done, although nobody reads the answer.
const handshake =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

t.test('a request whose client has gone before anybody looked at it goes nowhere', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: live, match: { path: /live/* }, upstream: api, auth: none, websocket: true }`,
  })
  const { port } = new URL(gateway.url)
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true })
    socket.on('error', () => undefined)
    const line =
      attempt % 2 === 0
        ? 'POST /open/x HTTP/1.1\r\nContent-Length: 0\r\n'
        : `GET /live/x HTTP/1.1\r\n${handshake}`
    await new Promise<void>((resolve) => {
      socket.once('connect', () => {
        socket.write(`${line}Host: app.test\r\n\r\n`, () => {
          socket.resetAndDestroy()
          resolve()
        })
      })
    })
  }
  t.equal((await gateway.request('/open/last')).status, 200)
  const nobody = backend.seen.filter(({ headers }) => headers['x-forwarded-for'] === '')
  t.same(
    nobody.map(({ url }) => url),
    [],
  )
})
