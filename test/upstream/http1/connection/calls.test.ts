import t, { type Test } from 'tap'
import type { AnswerHandler, Call } from '../../../../src/upstream/http1/port.ts'
import type { ConnectionPool } from '../../../../src/upstream/http1/pool.ts'
import { until } from '../../group.ts'
import { ask, createBody, openPool, post, turnOver, type Asked } from './asking.ts'
import { answerOk, okFor, startTarget, type RawTarget } from './target.ts'

/** Everything a call can be told. */
const means: readonly (keyof Call)[] = ['pause', 'resume', 'abort']

async function open(t: Test): Promise<{ target: RawTarget; pool: ConnectionPool }> {
  const target = await startTarget(t, (request) => {
    if (request.path === '/hang') request.peer.say('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok')
    else if (request.path !== '/silent') answerOk(request)
  })
  return { target, pool: openPool(t, target) }
}

/** The connection of a request is gone, and of the request nothing more has been told than this. */
async function isGone(
  t: Test,
  pool: ConnectionPool,
  { told }: Asked,
  heard: string,
): Promise<void> {
  await until(() => pool.size === 0)
  await turnOver()
  t.equal(told.join(), heard)
}

t.test('a request that is given up before it is sent never is', async (t) => {
  const { target, pool } = await open(t)
  const body = createBody()
  const asked = ask(pool, { method: 'POST', headers: ['content-length', '2'], body })
  asked.call.abort()
  await isGone(t, pool, asked, '')
  t.strictSame(body.asked, ['fail'])
  t.equal(await ask(pool).over, 'for /', 'on a connection of its own')
  const kept = ask(pool, { path: '/kept' })
  kept.call.abort()
  await isGone(t, pool, kept, '')
  t.strictSame(
    target.requests.map(({ path }) => path),
    ['/'],
  )
})

t.test('a request that is given up has its connection closed, whatever has come', async (t) => {
  const { target, pool } = await open(t)
  const silent = ask(pool, { path: '/silent' })
  await until(() => target.requests.length === 1)
  silent.call.abort()
  silent.call.abort()
  await isGone(t, pool, silent, '')
  const hanging = ask(pool, { path: '/hang' })
  await until(() => hanging.body() === 'ok')
  hanging.call.abort()
  await isGone(t, pool, hanging, 'head 200,data')
  await until(() => target.open().length === 0)
})

t.test('a handler may give the request up in the middle of what it is told', async (t) => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const target = await startTarget(t, ({ peer }) => {
    peer.say(`${chunked}1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n`)
  })
  const pool = openPool(t, target)
  const moments: readonly (readonly [keyof AnswerHandler, heard: string, body: string])[] = [
    ['onHead', 'head 200', ''],
    ['onData', 'head 200,data', 'a'],
    ['onEnd', 'head 200,data,end', 'abc'],
  ]
  for (const [moment, heard, body] of moments) {
    const asked: Asked = ask(
      pool,
      {},
      {
        [moment]: () => {
          asked.call.abort()
        },
      },
    )
    if (moment === 'onEnd') {
      await asked.over
      t.equal(asked.told.join(), heard)
    } else await isGone(t, pool, asked, heard)
    t.equal(asked.body(), body)
  }
  t.equal(await ask(pool).over, 'abc', 'what is given up at its end has ended')
  t.equal(target.peers.length, 3)
})

t.test('a handler that hears of an error or of quiet may do what it likes', async (t) => {
  const { pool } = await open(t)
  const failed: Asked = ask(
    pool,
    { path: '/silent', firstByteMs: 1 },
    {
      onError: () => {
        for (const each of means) failed.call[each](0)
      },
    },
  )
  await failed.over
  await isGone(t, pool, failed, 'FirstByteTimeout')
  const target = await startTarget(t, ({ peer }) => {
    peer.say('HTTP/1.1 200 OK\r\n\r\n')
  })
  const other = openPool(t, target)
  const quiet: Asked = ask(
    other,
    { idleMs: 1 },
    {
      onQuiet: () => {
        quiet.call.abort()
      },
    },
  )
  await until(() => quiet.told.length === 2)
  await isGone(t, other, quiet, 'head 200,quiet')
})

t.test('a call that is over has no say in the next request on its connection', async (t) => {
  const { target, pool } = await open(t)
  const first = ask(pool, { path: '/first' })
  t.equal(await first.over, 'for /first')
  const next = ask(pool, { path: '/silent', idleMs: 0 })
  await until(() => target.requests.length === 2)
  for (const each of means) first.call[each](0)
  first.call.allowIdle(1)
  target.peers[0]?.say(okFor('still there'))
  t.equal(await next.over, 'still there')
  t.equal(target.peers.length, 1)
  t.strictSame(first.told, ['head 200', 'end'])
})

t.test('a body that is over has no say in the next request on its connection', async (t) => {
  const { target, pool } = await open(t)
  const body = createBody()
  const headers = ['content-length', '2']
  const first = ask(pool, { method: 'POST', path: '/first', headers, body })
  const sink = await body.sink
  sink.write(Buffer.from('ok'))
  sink.end()
  t.equal(await first.over, 'for /first')
  const next = ask(pool, { path: '/silent' })
  await until(() => target.requests.length === 2)
  t.equal(sink.write(Buffer.from('GET /injected HTTP/1.1\r\n\r\n')), true)
  sink.end()
  sink.fail(new Error('late'))
  target.peers[0]?.say(okFor('still there'))
  t.equal(await next.over, 'still there')
  t.strictSame(first.told, ['head 200', 'end'])
  t.notMatch(target.peers[0]?.text, 'injected')
})

t.test('an answer is read no further while it is paused', async (t) => {
  const { target, pool } = await open(t)
  const asked: Asked = ask(
    pool,
    { path: '/hang' },
    {
      onData: () => {
        asked.call.pause()
      },
    },
  )
  await until(() => asked.body() === 'ok')
  target.peers[0]?.say('more')
  for (let each = 0; each < 5; each += 1) await turnOver()
  t.equal(asked.body(), 'ok')
  asked.call.resume()
  await until(() => asked.body() === 'okmore')
  target.peers[0]?.say('end')
  asked.call.resume()
  t.equal(await asked.over, 'okmoreend')
  t.equal(await ask(pool).over, 'for /', 'its connection is used again')
  t.equal(target.peers.length, 1)
})

t.test('an answer that is paused as it ends leaves its connection readable', async (t) => {
  const target = await startTarget(t, (request) => {
    const body = '1\r\na\r\n1\r\nb\r\n0\r\n\r\n'
    if (request.path === '/next') answerOk(request)
    else request.peer.say(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`)
  })
  const pool = openPool(t, target)
  // As it happens where the client takes the first piece more slowly than the whole comes.
  const asked: Asked = ask(
    pool,
    {},
    {
      onData: () => {
        asked.call.pause()
      },
    },
  )
  t.equal(await asked.over, 'ab')
  asked.call.resume()
  t.equal(await ask(pool, { path: '/next', firstByteMs: 1000 }).over, 'for /next')
})

t.test('a request that cannot be written is refused later, and takes no connection', async (t) => {
  const { target, pool } = await open(t)
  const bad = [
    { path: '/a b' },
    { headers: ['x', 'a\r\nb'] },
    { ...post('/', 'text'), path: '/\u010a' },
  ]
  for (const request of bad) {
    const body = createBody()
    const asked = ask(pool, { ...request, body })
    t.strictSame(asked.told, [], 'not before the caller has its call')
    t.match(await asked.over, { name: 'InvalidRequest' })
    t.strictSame(body.asked, ['fail'])
    for (const each of means) asked.call[each](0)
    t.strictSame(asked.told, ['InvalidRequest'])
    t.equal(pool.size, 0)
  }
  const aborted = ask(pool, { path: '/a b' })
  aborted.call.abort()
  await turnOver()
  t.strictSame(aborted.told, [])
  t.equal(await ask(pool).over, 'for /')
  t.equal(target.requests.length, 1)
})
