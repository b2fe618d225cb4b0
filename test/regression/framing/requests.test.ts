import t, { type Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { origin, startGateway, type Running } from '../../helper/gateway.ts'
import { dial, statuses, tell } from '../../gateway/hostile/wire.ts'

async function start(t: Test): Promise<{ backend: Backend; gateway: Running }> {
  const backend = await startBackend(t)
  return { backend, gateway: await startGateway(t, { upstream: backend.url }) }
}

/**
 * The attack: a transfer coding besides `chunked` (RFC 9112 §6.1). We would undo the chunks and pass the rest on without a word about its coding; a
 * parser that reads the field otherwise sees another message.
 */
t.test('transfer codings other than exactly one chunked are refused', async (t) => {
  const { backend, gateway } = await start(t)
  const codings = [
    'gzip, chunked',
    'chunked, chunked',
    'identity\r\nTransfer-Encoding: chunked',
    'x, chunked',
  ]
  for (const coding of codings) {
    const text = await tell(
      t,
      gateway.url,
      `POST /open/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    )
    t.match(text, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/, coding)
    t.match(text, /connection: close/i, coding)
  }
  t.equal(backend.seen.length, 0)
})

/** What went wrong: only forwarded uploads were asked for; a client that waits for 100 before it signs in waited for ever. */
t.test('an endpoint of ours asks for the body of a client that waits to be asked', async (t) => {
  const { gateway } = await start(t)
  const body = JSON.stringify({ email: 'nobody@example.com', password: 'correct horse battery' })
  const wire = await dial(t, gateway.url)
  wire.send(
    `POST /api/auth/sign-in/email HTTP/1.1\r\nHost: app.test\r\nOrigin: ${origin}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\nX-Forwarded-For: 198.51.100.77\r\n\r\n`,
  )
  await wire.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  wire.send(body)
  t.match(await wire.until(/HTTP\/1\.1 401 /), /INVALID_EMAIL_OR_PASSWORD/)
})

/** What went wrong: Node's parser drops what comes behind a request with `Upgrade`, and the answer promised to keep the connection. */
t.test('after a request for another protocol the connection is not kept', async (t) => {
  const { gateway } = await start(t)
  const text = await tell(
    t,
    gateway.url,
    'GET /open/1 HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /open/2 HTTP/1.1\r\nHost: app.test\r\n\r\n',
  )
  t.strictSame(statuses(text).slice(0, 1), [200])
  t.match(text, /connection: close/i)
})

/** The attack: bytes that are no HTTP behind a request, so that a refusal of them is read as the answer to it. */
t.test('garbage behind a request is not answered in its place', async (t) => {
  const { gateway } = await start(t)
  const text = await tell(
    t,
    gateway.url,
    'GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\nGARBAGE\r\n\r\n',
  )
  t.notMatch(text, /HTTP\/1\.1 400/)
})

/** What went wrong: a preflight that is written as a handshake was a 500, and a line in the log for each. */
t.test('a preflight that asks for a WebSocket is refused in words', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes:
      '\n  - { name: ws, match: { path: /ws/* }, upstream: api, websocket: true, cors: { origins: ["https://a.test"] } }',
  })
  const text = await tell(
    t,
    gateway.url,
    'OPTIONS /ws/x HTTP/1.1\r\nHost: app.test\r\nOrigin: https://a.test\r\nAccess-Control-Request-Method: GET\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  )
  t.match(text, /^HTTP\/1\.1 400 [^]*"code":"upgrade_not_allowed"/)
  t.notOk(gateway.log.some(({ level }) => level === 50))
})
