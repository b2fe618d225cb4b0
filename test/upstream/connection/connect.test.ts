import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { ConnectFailed } from '../../../src/upstream/http1/failure.ts'
import { closedPort, startRawBackend } from '../../helper/backend.ts'
import { get, openGroup, upstreamConfig } from '../group.ts'

const timeout = { connectMs: 100, firstByteMs: 30_000, idleMs: 60_000, streamIdleMs: 0 }

t.test('a connection that is not ready in time is given up on time', async (t) => {
  // It accepts, and never says a word of TLS.
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const { take, group } = openGroup(t, upstreamConfig([`https://127.0.0.1:${port}`], { timeout }))
  const begun = performance.now()
  await t.rejects(get(take()), { name: 'ConnectFailed', cause: { name: 'ConnectTimeout' } })
  const tookMs = performance.now() - begun
  t.ok(tookMs >= 99 && tookMs < 900, `after ${tookMs} ms`)
  t.equal(group.inFlight, 0)
})

t.test('it can be told whether a request may have been sent', async (t) => {
  const refused = openGroup(t, upstreamConfig([await closedPort()]))
  await t.rejects(get(refused.take()), { name: 'ConnectFailed', code: 'ECONNREFUSED' })
  // It hangs up as soon as it hears TLS: no HTTP has been spoken yet.
  const reset = (await startRawBackend(t, (socket) => socket.resetAndDestroy())).slice(
    'http'.length,
  )
  const secure = openGroup(t, upstreamConfig([`https${reset}`]))
  await t.rejects(get(secure.take()), { name: 'ConnectFailed', code: 'ECONNRESET' })
  const plain = openGroup(t, upstreamConfig([`http${reset}`]))
  const error = await get(plain.take()).catch((error: unknown) => error as Error)
  t.ok(error instanceof Error && !(error instanceof ConnectFailed), 'it may have arrived')
})

t.test('an IPv6 address is a target like any other', async (t) => {
  const server = createHttpServer((_request, response) => response.end('six'))
  server.listen(0, '::1')
  const isThere = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ])
  if (!isThere) {
    t.pass('no IPv6 here', { skip: 'no IPv6 here' })
    return
  }
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { take } = openGroup(t, upstreamConfig([`http://[::1]:${port}`]))
  t.strictSame(await get(take()), { status: 200, text: 'six' })
})
