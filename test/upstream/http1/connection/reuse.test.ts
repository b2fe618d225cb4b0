import t from 'tap'
import { until } from '../../group.ts'
import { ask, openPool, post, type Asked } from './asking.ts'
import { okFor, startTarget, type Arrived } from './target.ts'

t.test('a connection is used again, for one request after the other', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  for (let each = 0; each < 5; each += 1) {
    const { over, told } = ask(pool, { path: `/${each}` })
    t.equal(await over, `for /${each}`)
    t.strictSame(told, ['head 200', 'end'])
  }
  t.equal(await ask(pool, post('/post', 'text')).over, 'for /post')
  t.equal(target.requests.at(-1)?.body, 'text')
  t.equal(target.peers.length, 1)
  t.equal(pool.size, 1)
})

t.test('a request may be sent from within the end of the one before', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  const asked: Asked[] = []
  const next = (): void => {
    const onEnd = asked.length < 9 ? next : (): void => undefined
    asked.push(ask(pool, { path: `/${asked.length}` }, { onEnd }))
  }
  next()
  await until(() => target.requests.length === 10)
  for (const [each, { over }] of asked.entries()) t.equal(await over, `for /${each}`)
  t.equal(target.peers.length, 1)
})

t.test('each connection has one request at a time', async (t) => {
  const waiting: Arrived[] = []
  const target = await startTarget(t, (request) => waiting.push(request))
  const pool = openPool(t, target)
  const asked = Array.from({ length: 8 }, (_unused, each) => ask(pool, { path: `/${each}` }))
  await until(() => waiting.length === 8)
  t.equal(new Set(waiting.map(({ peer }) => peer)).size, 8)
  t.ok(target.peers.every(({ requests }) => requests === 1))
  for (const { peer, path } of waiting.reverse()) peer.say(okFor(path))
  t.strictSame(
    await Promise.all(asked.map(({ over }) => over)),
    asked.map((_asked, each) => `/${each}`),
    'in whatever order they are answered',
  )
  t.equal(pool.size, 8)
})

t.test('what was used last is used next', async (t) => {
  const waiting: Arrived[] = []
  const target = await startTarget(t, (request) => waiting.push(request))
  const pool = openPool(t, target)
  const asked = Array.from({ length: 3 }, (_unused, each) => ask(pool, { path: `/${each}` }))
  await until(() => waiting.length === 3)
  const peers = waiting.map(({ peer }) => peer)
  for (const [each, { over }] of asked.entries()) {
    peers[each]?.say(okFor(''))
    await over
  }
  waiting.length = 0
  for (let each = 0; each < 3; each += 1) {
    ask(pool)
    await until(() => waiting.length === each + 1)
  }
  t.strictSame(
    waiting.map(({ peer }) => peers.indexOf(peer)),
    peers.map((peer) => peers.indexOf(peer)).reverse(),
  )
})

t.test('the head of the next request is read anew', async (t) => {
  const answers = [
    'HTTP/1.1 204 No Content\r\nX: one\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
    okFor('last'),
  ]
  let next = 0
  const target = await startTarget(t, ({ peer }) => {
    peer.say(answers[next++] ?? '')
  })
  const pool = openPool(t, target)
  const heads: unknown[] = []
  const bodies: (string | Error)[] = []
  for (const _answer of answers) {
    const onHead = (...head: unknown[]): unknown => heads.push(head)
    bodies.push(await ask(pool, {}, { onHead }).over)
  }
  t.strictSame(bodies, ['', 'ok', '', 'last'])
  t.strictSame(heads, [
    [204, ['x', 'one']],
    [200, ['transfer-encoding', 'chunked']],
    [304, ['content-length', '9']],
    [200, ['content-length', '4']],
  ])
  t.equal(target.peers.length, 1)
})

t.test('an answer to HEAD has no body, and the next answer is not taken for one', async (t) => {
  const target = await startTarget(t, ({ peer, method, path }) => {
    peer.say(method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n' : okFor(path))
  })
  const pool = openPool(t, target)
  for (let each = 0; each < 3; each += 1) {
    t.equal(await ask(pool, { method: 'HEAD' }).over, '')
    t.equal(await ask(pool, { path: '/get' }).over, '/get')
  }
  t.equal(target.peers.length, 1)
})

t.test('what a connection says of how long it is kept is believed', async (t) => {
  const cases: Readonly<Record<string, boolean>> = {
    '': true,
    'Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n': true,
    'Keep-Alive: timeout=2\r\n': true,
    'Keep-Alive: timeout=1\r\n': false,
    'Keep-Alive: timeout=0\r\n': false,
    'Connection: close\r\n': false,
    'Connection: keep-alive\r\nConnection: close\r\n': false,
  }
  for (const [lines, isKept] of Object.entries(cases)) {
    const target = await startTarget(t, ({ peer }) => {
      peer.say(okFor('ok', lines))
    })
    const pool = openPool(t, target)
    t.equal(await ask(pool).over, 'ok')
    t.equal(await ask(pool).over, 'ok')
    t.equal(target.peers.length, isKept ? 1 : 2, lines)
    if (!isKept) await until(() => pool.size === 0 && target.open().length === 0)
  }
})

t.test('an HTTP/1.0 target is asked over a new connection each time', async (t) => {
  const target = await startTarget(t, ({ peer }) => {
    peer.say('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok')
  })
  const pool = openPool(t, target)
  t.equal(await ask(pool).over, 'ok')
  t.equal(await ask(pool).over, 'ok')
  t.equal(target.peers.length, 2)
  await until(() => pool.size === 0 && target.open().length === 0)
})
