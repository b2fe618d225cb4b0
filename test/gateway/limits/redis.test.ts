import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import type { Reply, Running } from '../../helper/gateway.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { saidOfRedis, startSharing, untilSaid } from './pair.ts'

const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, rateLimit: { requests: 100, per: 1m } }`

function burst(gateway: Running, count: number): Promise<readonly Reply[]> {
  return Promise.all(Array.from({ length: count }, () => gateway.request('/open/x')))
}

function passed(replies: readonly Reply[]): number {
  return replies.filter(({ status }) => status === 200).length
}

/** Milliseconds that one request takes. */
async function timed(gateway: Running): Promise<number> {
  const before = performance.now()
  await gateway.request('/open/x')
  return performance.now() - before
}

t.test('two gateways count together, exactly, however many requests come at once', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const { url, seen } = await startBackend(t)
  const one = await startSharing(t, redis, { upstream: url, routes })
  const two = await startSharing(t, redis, { upstream: url, routes })
  const replies = (await Promise.all([burst(one, 120), burst(two, 120)])).flat()
  t.equal(passed(replies), 100)
  t.equal(replies.filter(({ status }) => status === 429).length, 140)
  t.equal(seen.length, 100)
  t.match(await redis.tell('PTTL sallyport:app.test:limit:open:a:127.0.0.1'), /^:[3-6]\d{4}$/)
  t.same(saidOfRedis(one), [], 'as long as all is well nothing is said')
})

t.test('gateways of another public name count for themselves', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const { url } = await startBackend(t)
  const one = await startSharing(t, redis, { upstream: url, routes })
  const publicUrl = 'http://other.test'
  const other = await startSharing(t, redis, { upstream: url, routes, publicUrl })
  t.equal(passed(await burst(one, 110)), 100)
  const answer = await other.raw(
    'GET /open/x HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n',
  )
  t.match(answer, /^HTTP\/1\.1 200 /)
})

t.test('a frozen Redis costs the first requests a moment, and then nobody anything', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const { url } = await startBackend(t)
  const gateway = await startSharing(t, redis, { upstream: url, routes })
  t.equal(passed(await burst(gateway, 30)), 30)
  const before = saidOfRedis(gateway).length
  redis.freeze()
  const first = await Promise.all([timed(gateway), timed(gateway), timed(gateway)])
  t.ok(Math.min(...first) < 98, `the first took ${first.map(Math.round).join(', ')} ms`)
  const later = [await timed(gateway), await timed(gateway), await timed(gateway)]
  t.ok(Math.min(...later) < 25, `later ones took ${later.map(Math.round).join(', ')} ms`)
  t.equal(passed(await burst(gateway, 200)), 64, 'the count goes on from where it stood')
  t.same(saidOfRedis(gateway).slice(before), ['Redis is away'])
  redis.thaw()
  await untilSaid(gateway, before + 2)
  t.equal(saidOfRedis(gateway)[before + 1], 'Redis is back')
  t.equal(passed(await burst(gateway, 20)), 0, 'and nobody has a second helping')
})

t.test('a Redis that is killed and comes back empty limits as before', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const { url } = await startBackend(t)
  const gateway = await startSharing(t, redis, { upstream: url, routes })
  t.equal(passed(await burst(gateway, 10)), 10)
  const [underWay] = await Promise.all([burst(gateway, 150), redis.kill()])
  t.equal(passed(underWay), 90)
  t.notOk(underWay.some(({ status }) => status >= 500))
  await redis.start()
  await untilSaid(gateway, 2)
  t.equal(passed(await burst(gateway, 20)), 0)
  gateway.clock.offsetMs = 60_001
  await redis.tell('FLUSHALL')
  t.equal(passed(await burst(gateway, 150)), 100, 'the next window is a whole one')
  t.match(await redis.tell('GET sallyport:app.test:limit:open:a:127.0.0.1'), /^\$3/)
})

t.test('a Redis that may not be written to is as good as away', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const { url } = await startBackend(t)
  const gateway = await startSharing(t, redis, { upstream: url, routes })
  t.equal(passed(await burst(gateway, 1)), 1)
  await redis.tell('REPLICAOF 127.0.0.1 1')
  t.equal(passed(await burst(gateway, 150)), 99)
  t.match(gateway.log.find(({ msg }) => String(msg).startsWith('Redis'))?.['reason'], 'READONLY')
  await redis.tell('REPLICAOF NO ONE')
  await untilSaid(gateway, 2)
  await redis.tell('CONFIG SET maxmemory 1')
  t.equal(passed(await burst(gateway, 10)), 0)
  t.match(gateway.log.findLast(({ msg }) => String(msg).startsWith('Redis'))?.['reason'], 'OOM')
})

t.test(
  'a gateway starts without its Redis, limits alone, and never says the password',
  async (t) => {
    const { url } = await startBackend(t)
    const nobody = { url: 'redis://user:s3cret-p4ss@127.0.0.1:1/0' }
    const gateway = await startSharing(t, nobody, { upstream: url, routes })
    t.equal(passed(await burst(gateway, 150)), 100)
    t.match(
      gateway.log.find(({ msg }) => String(msg).startsWith('Redis'))?.['reason'],
      'ECONNREFUSED',
    )
    const redis = await startRedis(t)
    if (redis === null) return
    await redis.tell('CONFIG SET requirepass another')
    const wrong = { url: redis.url.replace('//', '//:s3cret-p4ss@') }
    const refused = await startSharing(t, wrong, { upstream: url, routes })
    t.match(refused.log.find(({ msg }) => String(msg).startsWith('Redis'))?.['reason'], 'WRONGPASS')
    t.notMatch(JSON.stringify([gateway.log, refused.log]), 's3cret')
  },
)
