import t from 'tap'
import { closedPort, startRawBackend } from '../../helper/backend.ts'
import { startGateway, type Reply, type Running } from '../../helper/gateway.ts'
import { until } from '../../upstream/group.ts'
import { api, startTarget } from './target.ts'

async function send(
  gateway: Running,
  times: number,
  method: 'GET' | 'POST' = 'GET',
): Promise<Reply[]> {
  const replies: Reply[] = []
  for (let each = 0; each < times; each += 1) {
    replies.push(await gateway.request('/open/x', { method }))
  }
  return replies
}

function statuses(replies: readonly Reply[]): readonly number[] {
  return [...new Set(replies.map(({ status }) => status))].sort()
}

t.test('round-robin spreads requests evenly', async (t) => {
  const targets = [await startTarget(t), await startTarget(t), await startTarget(t)]
  const gateway = await startGateway(t, { upstream: api(targets) })
  await send(gateway, 9)
  t.strictSame(
    targets.map(({ seen }) => seen.length),
    [3, 3, 3],
  )
})

t.test('least-pending avoids the target that is slow', async (t) => {
  const slow = await startTarget(t, () => undefined)
  const quick = await startTarget(t)
  const upstream = api([slow, quick], 'balance: least-pending')
  const gateway = await startGateway(t, { upstream })
  const waiting = gateway.request('/open/x').catch(() => undefined)
  await until(() => slow.seen.length === 1)
  t.strictSame(statuses(await send(gateway, 10)), [200])
  t.strictSame([slow.seen.length, quick.seen.length], [1, 10])
  await slow.stop()
  await waiting
})

t.test(
  'nobody notices a dead target while another one lives, and it gets no more than its share',
  async (t) => {
    const living = await startTarget(t)
    const gateway = await startGateway(t, { upstream: api([await closedPort(), living]) })
    t.strictSame(statuses(await send(gateway, 20)), [200])
    t.equal(living.seen.length, 20, 'each request once')
    const failures = gateway.log.filter(({ msg }) => msg === 'upstream_unreachable')
    t.equal(failures.length, 3, 'then it is left out')
  },
)

t.test('what may have side effects is never sent again', async (t) => {
  const living = await startTarget(t)
  const upstream = api([await closedPort(), living])
  const posts = await startGateway(t, { upstream })
  const replies = await send(posts, 6, 'POST')
  t.strictSame(
    replies.map(({ status }) => status),
    [502, 200, 502, 200, 502, 200],
  )
  t.match(replies[0]?.json(), { code: 'upstream_unreachable', action: 'retry' })
  t.strictSame(statuses(await send(posts, 6, 'POST')), [200], 'the dead one is ejected')

  const bodies = await startGateway(t, { upstream })
  const first = await bodies.request('/open/x', {
    method: 'PUT',
    body: 'a body that has been read',
  })
  t.equal(first.status, 502)
})

t.test('a request that may have arrived is never sent again', async (t) => {
  let arrived = 0
  const resetting = await startRawBackend(t, (socket) => {
    arrived += 1
    socket.resetAndDestroy()
  })
  const living = await startTarget(t)
  const gateway = await startGateway(t, { upstream: api([resetting, living]) })
  const [first] = await send(gateway, 1)
  t.match(first?.json(), { status: 502, code: 'upstream_unreachable' })
  t.strictSame([arrived, living.seen.length], [1, 0])
})

t.test('as many targets are tried as the file allows', async (t) => {
  const dead = [await closedPort(), await closedPort()]
  const living = await startTarget(t)
  const twice = await startGateway(t, {
    upstream: api([...dead, living], 'retry: { attempts: 2 }'),
  })
  t.strictSame(statuses(await send(twice, 3)), [200])
  const once = await startGateway(t, { upstream: api([...dead, living], 'retry: { attempts: 1 }') })
  t.strictSame(statuses(await send(once, 1)), [502])
  const never = await startGateway(t, {
    upstream: api([...dead, living], 'retry: { attempts: 0 }'),
  })
  t.strictSame(statuses(await send(never, 2)), [502])
  t.equal(living.seen.length, 3)
})

t.test('a target that comes back gets its share again', async (t) => {
  const [one, two] = [await startTarget(t), await startTarget(t)]
  const gateway = await startGateway(t, { upstream: api([one, two]) })
  await one.stop()
  t.strictSame(statuses(await send(gateway, 10)), [200])
  await one.start()
  t.strictSame(statuses(await send(gateway, 4)), [200])
  t.equal(one.seen.length, 0, 'not before its time')
  gateway.clock.offsetMs += 1000
  t.strictSame(statuses(await send(gateway, 10)), [200])
  t.ok(one.seen.length >= 4)
})

t.test('health checks keep requests away from a target that is not well', async (t) => {
  const [one, two] = [await startTarget(t), await startTarget(t)]
  const health = 'health: { path: /health, interval: 20ms, unhealthyAfter: 2, healthyAfter: 2 }'
  const gateway = await startGateway(t, { upstream: api([one, two], health) })
  const wellAnswer = one.answer
  one.answer = (_request, response) => response.writeHead(500).end()
  const logged = (msg: string): boolean => gateway.log.some((line) => line['msg'] === msg)
  await until(() => logged('upstream target is unhealthy'))
  const replies = await send(gateway, 6, 'POST')
  t.strictSame(statuses(replies), [200])
  t.notOk(one.seen.some((request) => request.startsWith('POST')))
  one.answer = wellAnswer
  await until(() => logged('upstream target is healthy again'))
  await send(gateway, 2, 'POST')
  t.ok(one.seen.some((request) => request.startsWith('POST')))
  t.ok(one.seen.includes('GET /health'))
})
