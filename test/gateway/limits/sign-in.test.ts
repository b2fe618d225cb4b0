import t from 'tap'
import { someAddress, type Reply, type Running } from '../../helper/gateway.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { startSharing, untilSaid } from './pair.ts'

const upstream = 'http://127.0.0.1:9'

function post(gateway: Running, path: string, body: unknown, address: string): Promise<Reply> {
  return gateway.request(`/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify(body),
  })
}

function guess(gateway: Running, address: string): Promise<Reply> {
  const body = { email: 'nobody@example.com', password: 'wrong horse' }
  return post(gateway, '/sign-in/email', body, address)
}

t.test('whoever guesses at two gateways in turn is counted once', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const one = await startSharing(t, redis, { upstream })
  const two = await startSharing(t, redis, { upstream })
  const address = someAddress()
  const replies = [
    await guess(one, address),
    await guess(two, address),
    await guess(one, address),
    await guess(two, address),
    await guess(one, address),
  ]
  t.same(
    replies.map(({ status }) => status),
    [401, 401, 401, 429, 429],
  )
  const seconds = Number(replies[3]?.headers['retry-after'])
  t.ok(seconds >= 1 && seconds <= 10, `try again in ${String(seconds)} s`)
  t.equal((await guess(one, someAddress())).status, 401)
})

t.test('while Redis is away nobody may guess, and everything else goes on', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const gateway = await startSharing(t, redis, { upstream })
  await redis.kill()
  await untilSaid(gateway, 1)
  const guarded: readonly (readonly [string, unknown])[] = [
    ['/sign-in/email', { email: 'nobody@example.com', password: 'wrong horse' }],
    ['/request-password-reset', { email: 'nobody@example.com' }],
    ['/reset-password', { newPassword: 'another horse', token: 'guessed' }],
  ]
  for (const [path, body] of guarded) {
    const reply = await post(gateway, path, body, someAddress())
    t.equal(reply.status, 503, path)
    t.match(reply.json(), { code: 'session_store_unavailable', action: 'retry' })
    t.match(reply.headers, { 'retry-after': '1', 'content-type': 'application/problem+json' })
    t.notOk(reply.headers['set-cookie'])
  }
  const errors = gateway.log.filter(({ level }) => Number(level) >= 50)
  t.same(errors, [], 'what is expected is no error of ours')
  const session = await gateway.request('/api/auth/get-session')
  t.equal(session.status, 200)
  const address = someAddress()
  const account = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }
  t.equal((await post(gateway, '/sign-up/email', account, address)).status, 200)
  for (const status of [200, 200, 429]) {
    const email = `${String(Math.random())}@example.com`
    const reply = await post(gateway, '/sign-up/email', { ...account, email }, address)
    t.equal(reply.status, status, 'counted by this process')
  }
  await redis.start()
  await untilSaid(gateway, 2)
  t.equal((await guess(gateway, someAddress())).status, 401)
})

t.test('a Redis that freezes in the middle of a sign-in is a 503, not a wait', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const gateway = await startSharing(t, redis, { upstream })
  t.equal((await guess(gateway, someAddress())).status, 401)
  redis.freeze()
  const before = performance.now()
  t.equal((await guess(gateway, someAddress())).status, 503)
  t.ok(performance.now() - before < 250)
})
