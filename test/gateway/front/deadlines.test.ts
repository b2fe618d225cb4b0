import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { dial } from '../hostile/wire.ts'

const request = 'GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n'

t.test(
  'a head that comes too slowly gets the uniform body and the end of its connection',
  async (t) => {
    const { url, seen } = await startBackend(t)
    const deadlines = { headersMs: 300, checkMs: 50 }
    const gateway = await startGateway(t, { upstream: url, deadlines })
    const wire = await dial(t, gateway.url)
    wire.send('GET /open/x HTTP/1.1\r\n')
    const trickle = setInterval(() => {
      wire.send('X-Slow: y\r\n')
    }, 40)
    t.teardown(() => {
      clearInterval(trickle)
    })
    const before = performance.now()
    const answer = await wire.ended
    t.ok(performance.now() - before < 3000)
    t.match(answer, /^HTTP\/1\.1 400 [^]*connection: close[^]*"code":"request_malformed"/)
    t.equal(seen.length, 0)
  },
)

t.test('a head that comes slowly, but in time, is a request like any other', async (t) => {
  const { url } = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: url,
    deadlines: { headersMs: 5000, checkMs: 20 },
  })
  const wire = await dial(t, gateway.url)
  for (const part of request.match(/[^]{1,8}/g) ?? []) {
    wire.send(part)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  t.match(await wire.until(/\r\n\r\n/), /^HTTP\/1\.1 200 /)
})

t.test('a connection on which nothing ever comes is closed without a word', async (t) => {
  const upstream = 'http://127.0.0.1:9'
  const gateway = await startGateway(t, { upstream, deadlines: { headersMs: 300, checkMs: 50 } })
  const wire = await dial(t, gateway.url)
  const before = performance.now()
  t.equal(await wire.ended, '')
  t.ok(performance.now() - before < 3000)
})

t.test('a connection that has had its answer may wait, but not forever', async (t) => {
  const { url } = await startBackend(t)
  const gateway = await startGateway(t, { upstream: url, deadlines: { keepAliveMs: 300 } })
  const wire = await dial(t, gateway.url)
  for (let count = 1; count <= 3; count += 1) {
    wire.send(request)
    await wire.until(new RegExp(`(?:HTTP/1\\.1 200 [^]*){${String(count)}}`))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const before = performance.now()
  const answers = await wire.ended
  const waited = performance.now() - before
  // Node waits a second longer than it says, for a request that is on its way.
  t.ok(waited < 4000, `closed after ${String(Math.round(waited))} ms`)
  t.equal(answers.match(/HTTP\/1\.1 /g)?.length, 3, 'without a word')
})

t.test('a second head on the same connection has a deadline of its own', async (t) => {
  const { url } = await startBackend(t)
  const deadlines = { headersMs: 400, checkMs: 50, keepAliveMs: 5000 }
  const gateway = await startGateway(t, { upstream: url, deadlines })
  const wire = await dial(t, gateway.url)
  wire.send(request)
  await wire.until(/HTTP\/1\.1 200 /)
  await new Promise((resolve) => setTimeout(resolve, 600))
  wire.send(request)
  await wire.until(/(?:HTTP\/1\.1 200 [^]*){2}/)
  wire.send('GET /open/x HTTP/1.1\r\n')
  t.equal((await wire.ended).match(/HTTP\/1\.1 200 /g)?.length, 2)
})

t.test(
  'a body that nobody will read ends with its connection, however much of it comes',
  async (t) => {
    const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9' })
    const wire = await dial(t, gateway.url)
    wire.send('POST /api/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n')
    const pour = setInterval(() => {
      wire.send(`400\r\n${'x'.repeat(1024)}\r\n`)
    }, 5)
    t.teardown(() => {
      clearInterval(pour)
    })
    const answer = await wire.ended
    t.match(answer, /^HTTP\/1\.1 401 [^]*connection: close[^]*"code":"credential_missing"/)
  },
)

t.test('a small body that nobody will read does not cost the connection', async (t) => {
  const { url } = await startBackend(t)
  const gateway = await startGateway(t, { upstream: url })
  const wire = await dial(t, gateway.url)
  wire.send('POST /api/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello')
  await wire.until(/"code":"credential_missing"/)
  wire.send(request)
  t.match(await wire.until(/HTTP\/1\.1 200 /), /^HTTP\/1\.1 401 /)
})
