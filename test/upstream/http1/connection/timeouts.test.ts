import t, { type Test } from 'tap'
import { FirstByteTimeout, IdleTimeout } from '../../../../src/upstream/http1/failure.ts'
import { until } from '../../group.ts'
import { ask, createBody, openPool, turnOver, type Asked } from './asking.ts'
import { answerOk, okFor, startTarget } from './target.ts'

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Checks that a request ended with an error, so long after something moved: soon, and not before that. */
async function endsAfter(
  t: Test,
  asked: Asked,
  kind: new () => Error,
  ms: number,
  since?: number,
): Promise<void> {
  t.type(await asked.over, kind)
  const tookMs = asked.endedAt() - (since ?? asked.movedAt())
  // Timers of Node's count whole milliseconds.
  t.ok(tookMs >= ms - 2, `not after ${tookMs} ms`)
  // Two beats, and what a busy machine adds to them.
  t.ok(tookMs < ms + 1500, `after ${tookMs} ms`)
}

t.test('an answer that does not begin is given up, with its connection', async (t) => {
  const target = await startTarget(t, () => undefined)
  const pool = openPool(t, target)
  for (const firstByteMs of [1, 50, 230]) {
    const asked = ask(pool, { firstByteMs })
    await endsAfter(t, asked, FirstByteTimeout, firstByteMs)
    t.strictSame(asked.told, ['FirstByteTimeout'])
  }
  await until(() => pool.size === 0 && target.open().length === 0)
})

t.test('on a kept connection the time begins with the request', async (t) => {
  const target = await startTarget(t, (request) => {
    if (request.path === '/kept') answerOk(request)
  })
  const pool = openPool(t, target)
  await ask(pool, { path: '/kept' }).over
  await wait(300)
  await endsAfter(t, ask(pool, { firstByteMs: 200 }), FirstByteTimeout, 200)
  t.equal(target.peers.length, 1)
})

t.test('a request that waits for the end of its turn is not late', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  await ask(pool).over
  await wait(400)
  // At the end of one turn, so that it is sent at that of the next; in between time is looked at.
  await turnOver()
  const asked = ask(pool, { path: '/sent', firstByteMs: 300 })
  const end = performance.now() + 60
  while (performance.now() < end);
  t.equal(await asked.over, 'for /sent')
})

t.test('a head that trickles gets no more time than one that does not come', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nX: this takes a while\r\nContent-Length: 2\r\n\r\nok'
  const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n'
  for (const pieces of [head.split(''), Array<string>(100).fill(interim)]) {
    const target = await startTarget(t, ({ peer }) => {
      const trickle = setInterval(() => {
        peer.say(pieces.shift() ?? '')
      }, 20)
      peer.socket.on('close', () => {
        clearInterval(trickle)
      })
    })
    const asked = ask(openPool(t, target), { firstByteMs: 200 })
    await endsAfter(t, asked, FirstByteTimeout, 200)
    t.ok(pieces.length > 0)
  }
})

t.test('an answer that stops is given up, and one that goes on is not', async (t) => {
  const target = await startTarget(t, ({ peer, path }) => {
    peer.say('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')
    let sent = 0
    const trickle = setInterval(() => {
      sent += 1
      if (sent <= (path === '/stops' ? 3 : 9)) peer.say(String(sent))
      else clearInterval(trickle)
    }, 100)
  })
  const pool = openPool(t, target)
  const asked = ask(pool, { idleMs: 250 })
  t.equal(await asked.over, '123456789', 'longer than it may stand still')
  const stopped = ask(pool, { path: '/stops', idleMs: 250 })
  await endsAfter(t, stopped, IdleTimeout, 250)
  t.equal(stopped.body(), '123')
  t.equal(stopped.told.at(-1), 'IdleTimeout')
  await until(() => pool.size === 0 && target.open().length === 0)
})

t.test('an answer of which nothing but the head comes is given up', async (t) => {
  const target = await startTarget(t, ({ peer }) => {
    peer.say('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')
  })
  const asked = ask(openPool(t, target), { idleMs: 150 })
  await endsAfter(t, asked, IdleTimeout, 150)
  t.strictSame(asked.told, ['head 200', 'quiet', 'IdleTimeout'])
})

t.test('the time between pieces begins with the head, not with the request', async (t) => {
  const target = await startTarget(t, ({ peer }) => {
    setTimeout(peer.say, 500, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
    setTimeout(peer.say, 650, 'ok')
  })
  const asked = ask(openPool(t, target), { idleMs: 300 })
  t.equal(await asked.over, 'ok')
  t.strictSame(asked.told, ['head 200', 'quiet', 'end'])
})

t.test('a head is quiet only once it has been alone for a beat', async (t) => {
  const target = await startTarget(t, ({ peer }) => {
    setTimeout(peer.say, 300, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
    setTimeout(peer.say, 320, 'ok')
  })
  const pool = openPool(t, target)
  let isQuiet = 0
  for (let each = 0; each < 5; each += 1) {
    const { over, told } = ask(pool)
    await over
    if (told.includes('quiet')) isQuiet += 1
  }
  // On a busy machine 20 ms may be more.
  t.ok(isQuiet < 3, `${isQuiet} of 5`)
})

t.test('an answer may be allowed another time between its pieces', async (t) => {
  const target = await startTarget(t, ({ peer, path }) => {
    peer.say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
    if (path === '/late') setTimeout(peer.say, 500, 'ok')
  })
  const pool = openPool(t, target)
  const late = ask(
    pool,
    { path: '/late', idleMs: 100 },
    {
      onHead: () => {
        late.call.allowIdle(0)
      },
    },
  )
  t.equal(await late.over, 'ok')
  const never = ask(
    pool,
    { idleMs: 0 },
    {
      onHead: () => {
        never.call.allowIdle(120)
      },
    },
  )
  await endsAfter(t, never, IdleTimeout, 120)
})

t.test('while the client has the turn, FastAPI is not late', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  const body = createBody()
  const headers = ['content-length', '2']
  const asked = ask(pool, { method: 'POST', headers, body, firstByteMs: 150 })
  const sink = await body.sink
  await wait(400)
  sink.write(Buffer.from('o'))
  await wait(400)
  sink.write(Buffer.from('k'))
  sink.end()
  t.equal(await asked.over, 'for /')
  const silent = await startTarget(t, () => undefined)
  const other = createBody()
  const late = ask(openPool(t, silent), { method: 'POST', headers, body: other, firstByteMs: 150 })
  const end = await other.sink
  await wait(300)
  end.write(Buffer.from('ok'))
  end.end()
  await endsAfter(t, late, FirstByteTimeout, 150, performance.now())
})

t.test('a target that does not read what it is sent is late', async (t) => {
  const target = await startTarget(
    t,
    () => undefined,
    ({ socket }) => socket.pause(),
  )
  const pool = openPool(t, target)
  const body = createBody()
  const headers = ['content-length', '100000000']
  const asked = ask(pool, { method: 'POST', headers, body, firstByteMs: 200 })
  const sink = await body.sink
  while (sink.write(Buffer.alloc(1_000_000)));
  await endsAfter(t, asked, FirstByteTimeout, 200, performance.now())
  t.strictSame(body.asked.at(-1), 'fail')
})

t.test('a connection that nobody uses is closed after a second and a half', async (t) => {
  const target = await startTarget(t, ({ peer, path }) => {
    peer.say(okFor('ok', path === '/two' ? 'Keep-Alive: timeout=2\r\n' : ''))
  })
  const pools = [openPool(t, target), openPool(t, target)]
  const begun = performance.now()
  await Promise.all(
    pools.map((pool, index) => ask(pool, { path: index === 0 ? '/' : '/two' }).over),
  )
  const endMs: number[] = []
  const ends = pools.map(async (pool, index) => {
    await until(() => pool.size === 0)
    endMs[index] = performance.now() - begun
  })
  await Promise.all(ends)
  const [plain = 0, two = 0] = endMs
  t.ok(plain >= 1500 && plain < 3000, `after ${plain} ms`)
  t.ok(two >= 1000 && two < plain, `a second before the target would close it: ${two} ms`)
  await until(() => target.open().length === 0)
})
