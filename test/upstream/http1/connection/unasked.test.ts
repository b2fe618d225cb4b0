import t, { type Test } from 'tap'
import type { UpstreamRequest } from '../../../../src/upstream/http1/port.ts'
import type { ConnectionPool } from '../../../../src/upstream/http1/pool.ts'
import { until } from '../../group.ts'
import { ask, createBody, openPool, post, turnOver } from './asking.ts'
import { answerOk, okFor, startTarget, type Peer, type RawTarget } from './target.ts'

const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'

/** What a target may do to a connection that nobody uses. */
const deeds: Readonly<Record<string, (peer: Peer) => void>> = {
  'says something that nobody asked for': (peer) => {
    peer.say(poison)
  },
  'says a single byte': (peer) => {
    peer.say('\n')
  },
  'says something and hangs up': (peer) => {
    peer.say(poison)
    peer.socket.destroy()
  },
  'hangs up': ({ socket }) => {
    socket.destroy()
  },
  'resets it': ({ socket }) => {
    socket.resetAndDestroy()
  },
}

/** A pool that keeps so many connections. */
async function openIdle(
  t: Test,
  count: number,
): Promise<{ target: RawTarget; pool: ConnectionPool }> {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  await Promise.all(Array.from({ length: count }, () => ask(pool).over))
  t.equal(target.peers.length, count)
  return { target, pool }
}

for (const [what, act] of Object.entries(deeds)) {
  t.test(`a target that ${what} before a request is written costs it nothing`, async (t) => {
    const requests: readonly Partial<UpstreamRequest>[] = [{ path: '/get' }, post('/post', 'text')]
    for (const request of requests) {
      const { target, pool } = await openIdle(t, 1)
      // What is done now has arrived before anything that is asked now is sent.
      await turnOver()
      act(target.peers[0]!)
      const { over, told } = ask(pool, request)
      t.equal(await over, `for ${request.path ?? ''}`)
      t.strictSame(told, ['head 200', 'end'])
      t.equal(target.peers.length, 2, 'it went out on another connection')
      t.notMatch(target.peers[0]?.text, request.path ?? '', 'of which the first one saw nothing')
      await until(() => target.open().length === 1 && pool.size === 1)
    }
  })

  t.test(`a target that ${what} is not asked on that connection again`, async (t) => {
    const { target, pool } = await openIdle(t, 1)
    act(target.peers[0]!)
    await until(() => pool.size === 0 && target.open().length === 0)
    t.equal(await ask(pool, { path: '/next' }).over, 'for /next')
    t.equal(target.peers.length, 2)
  })
}

t.test('a request goes past any number of connections that have ended', async (t) => {
  const { target, pool } = await openIdle(t, 5)
  await turnOver()
  for (const { socket } of target.peers) socket.destroy()
  const body = createBody()
  const headers = ['content-length', '4']
  const { over } = ask(pool, { method: 'POST', path: '/post', headers, body })
  const sink = await body.sink
  sink.write(Buffer.from('text'))
  sink.end()
  t.equal(await over, 'for /post')
  t.strictSame(body.asked, ['send'], 'its body was sent once')
  t.equal(target.requests.at(-1)?.body, 'text')
  t.equal(target.peers.length, 6)
  await until(() => pool.size === 1)
})

t.test('many requests at once find others where theirs have ended', async (t) => {
  const { target, pool } = await openIdle(t, 6)
  await turnOver()
  for (const { socket } of target.peers.slice(0, 3)) socket.destroy()
  const asked = Array.from({ length: 10 }, (_unused, each) => ask(pool, { path: `/${each}` }))
  for (const [each, { over }] of asked.entries()) t.equal(await over, `for /${each}`)
  await until(() => pool.size === target.open().length)
})

t.test('bytes behind an answer close its connection and answer nobody', async (t) => {
  for (const surplus of [poison, '\n', 'HTTP/1.1 ']) {
    const target = await startTarget(t, ({ peer, path }) => {
      peer.say(okFor(`for ${path}`) + surplus)
    })
    const pool = openPool(t, target)
    for (let each = 0; each < 3; each += 1) {
      const { over, told } = ask(pool, { path: `/${each}` })
      t.equal(await over, `for /${each}`, 'the answer is whole all the same')
      t.strictSame(told, ['head 200', 'end'])
    }
    t.equal(target.peers.length, 3)
    await until(() => pool.size === 0 && target.open().length === 0)
  }
})

t.test('nor do those that come a little later, while the next request waits', async (t) => {
  const target = await startTarget(t, ({ peer, path }) => {
    peer.say(okFor(`for ${path}`))
    // As a read of its own, in the turn in which the answer is read or after it.
    if (path === '/first') setImmediate(peer.say, poison)
  })
  const pool = openPool(t, target)
  const first = ask(pool, { path: '/first' })
  t.equal(await first.over, 'for /first')
  const seen: string[] = []
  await turnOver()
  await turnOver()
  for (let each = 0; each < 5; each += 1) seen.push(String(await ask(pool).over))
  t.strictSame(seen, Array(5).fill('for /'))
})

t.test('a body where none may be is no answer to the next request', async (t) => {
  for (const head of ['204 No Content', '304 Not Modified', '200 OK']) {
    const target = await startTarget(t, (request) => {
      if (request.path !== '/first') answerOk(request)
      else request.peer.say(`HTTP/1.1 ${head}\r\nContent-Length: ${poison.length}\r\n\r\n${poison}`)
    })
    const pool = openPool(t, target)
    const method = head === '200 OK' ? 'HEAD' : 'GET'
    t.equal(await ask(pool, { path: '/first', method }).over, '')
    t.equal(await ask(pool, { path: '/next' }).over, 'for /next')
    t.equal(target.peers.length, 2)
  }
})
