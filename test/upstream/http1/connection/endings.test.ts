import { once } from 'node:events'
import t from 'tap'
import { ConnectFailed, ConnectionLost } from '../../../../src/upstream/http1/failure.ts'
import { closedPort } from '../../../helper/backend.ts'
import { until } from '../../group.ts'
import { ask, createBody, openPool, turnOver } from './asking.ts'
import { answerOk, startTarget, type Peer } from './target.ts'

t.test('closing ends what is idle at once, and lets the rest end', async (t) => {
  const target = await startTarget(t, (request) => {
    if (request.path !== '/slow') answerOk(request)
  })
  const pool = openPool(t, target)
  const slow = ask(pool, { path: '/slow' })
  await ask(pool).over
  let isClosed = false
  const begun = performance.now()
  const closing = pool.close().then(() => (isClosed = true))
  await until(() => target.open().length === 1)
  t.notOk(isClosed)
  answerOk(target.requests.find(({ path }) => path === '/slow')!)
  t.equal(await slow.over, 'for /slow')
  await closing
  t.equal(pool.size, 0)
  t.ok(performance.now() - begun < 1000, 'sooner than by growing old')
  t.equal(await ask(pool, { path: '/late' }).over, 'for /late', 'late ones are served')
  t.match(target.requests.at(-1)?.head, /\r\nconnection: close\r\n/)
  await pool.close()
  t.equal(pool.size, 0)
})

t.test('closing what has nothing open is done at once, however often', async (t) => {
  const pool = openPool(t, await startTarget(t))
  await Promise.all([pool.close(), pool.close()])
  pool.destroy()
  await pool.close()
})

t.test('several that wait for the closing are all told', async (t) => {
  const target = await startTarget(t, () => undefined)
  const pool = openPool(t, target)
  const asked = ask(pool)
  await until(() => target.requests.length === 1)
  const closing = [pool.close(), pool.close()]
  pool.destroy()
  await Promise.all(closing)
  t.type(await asked.over, ConnectionLost)
})

t.test('a request that waits for its connection at the closing is served', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  const asked = ask(pool)
  await pool.close()
  t.equal(await asked.over, 'for /')
})

t.test('destroying cuts what is under way, and each hears of it once', async (t) => {
  const target = await startTarget(t, ({ peer, path }) => {
    if (path === '/begun') peer.say('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok')
  })
  const pool = openPool(t, target)
  const limits = { firstByteMs: 5000, idleMs: 5000 }
  const [begun, waiting] = [ask(pool, { path: '/begun', ...limits }), ask(pool, limits)]
  await until(() => begun.body() === 'ok' && target.requests.length === 2)
  const connecting = ask(pool, limits)
  pool.destroy()
  for (const { over } of [begun, waiting, connecting]) t.type(await over, ConnectionLost)
  await until(() => pool.size === 0 && target.open().length === 0)
  pool.destroy()
  t.strictSame(begun.told, ['head 200', 'data', 'ConnectionLost'])
  t.strictSame(waiting.told, ['ConnectionLost'])
  t.strictSame(connecting.told, ['ConnectionLost'])
})

t.test('a probe has a connection of its own, which serves nothing else', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  await ask(pool).over
  t.equal(await ask(pool, { path: '/probe' }, {}, 'probe').over, 'for /probe')
  t.equal(target.peers.length, 2)
  t.match(target.requests[1]?.head, /\r\nconnection: close\r\n/)
  // Although the target has not said that it closes it.
  const asked = [ask(pool, { path: '/a' }), ask(pool, { path: '/b' })]
  for (const { over } of asked) await over
  t.equal(target.peers[1]?.requests, 1)
  await until(() => target.peers[1]?.isClosed === true)
})

t.test('a connection that ends before the answer does is an error', async (t) => {
  const begun = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'
  for (const text of ['', 'HTTP/1.1 200 OK\r\nX', begun, chunked, `${chunked}0\r\n`]) {
    for (const end of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const target = await startTarget(t, ({ peer }) => {
        peer.say(text)
        // Bytes that are still on their way would die with a reset.
        setTimeout(() => peer.socket[end](), end === 'resetAndDestroy' ? 30 : 0)
      })
      const pool = openPool(t, target)
      const asked = ask(pool)
      t.type(await asked.over, ConnectionLost, `${end} after ${text}`)
      t.equal(asked.told.filter((what) => what === 'ConnectionLost').length, 1)
      t.equal(asked.body(), /ok/.exec(text)?.[0] ?? '')
      await until(() => pool.size === 0)
    }
  }
})

t.test('a body without a length ends with its connection, if that ends well', async (t) => {
  const target = await startTarget(t, ({ peer, path }) => {
    peer.say('HTTP/1.1 200 OK\r\n\r\nbegun')
    setTimeout(
      () => (path === '/end' ? peer.socket.end(' and ended') : peer.socket.resetAndDestroy()),
      30,
    )
  })
  const pool = openPool(t, target)
  const whole = ask(pool, { path: '/end' })
  t.equal(await whole.over, 'begun and ended')
  t.strictSame(whole.told, ['head 200', 'data', 'end'])
  const cut = ask(pool, { path: '/reset' })
  t.type(await cut.over, ConnectionLost)
  t.strictSame(cut.told, ['head 200', 'data', 'ConnectionLost'])
  await until(() => pool.size === 0 && target.open().length === 0)
})

t.test('whether anything was sent can be told by the error', async (t) => {
  const pool = openPool(t, { origin: await closedPort() })
  const body = createBody()
  const refused = ask(pool, { method: 'POST', headers: ['content-length', '1'], body })
  t.type(await refused.over, ConnectFailed)
  t.match(await refused.over, { code: 'ECONNREFUSED' })
  t.strictSame(body.asked, ['fail'])
  t.strictSame(refused.told, ['ConnectFailed'])
  await until(() => pool.size === 0)
})

t.test('a target that hangs up on whoever comes is asked once', async (t) => {
  for (const end of ['destroy', 'resetAndDestroy'] as const) {
    const hangUp = ({ socket }: Peer): unknown => socket[end]()
    const target = await startTarget(t, () => undefined, hangUp)
    const pool = openPool(t, target)
    // A reset may be faster than the news that there is a connection.
    t.match(await ask(pool).over, { name: /^Connect(?:ionLost|Failed)$/ })
    t.equal(target.peers.length, 1)
  }
})

t.test('a pool without connections keeps no timer', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  await ask(pool).over
  const before = pool.beats
  await until(() => pool.beats > before)
  const socket = target.peers[0]?.socket
  socket?.destroy()
  if (socket !== undefined) await once(socket, 'close')
  await until(() => pool.size === 0)
  const { beats } = pool
  await new Promise((resolve) => setTimeout(resolve, 3 * pool.beatMs))
  t.equal(pool.beats, beats)
  await ask(pool).over
  await turnOver()
  await until(() => pool.beats > beats)
})
