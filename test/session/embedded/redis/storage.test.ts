import t, { type Test } from 'tap'
import { FailureWatch } from '../../../../src/session/embedded/store/watch.ts'
import { RedisStorage } from '../../../../src/session/embedded/redis/storage.ts'
import { startRedis } from '../../../helper/servers/redis.ts'

async function start(t: Test) {
  const redis = await startRedis(t)
  if (redis === null) return null
  const heard: unknown[] = []
  const hear = (kind: string) => (event: object) => heard.push({ kind, ...event })
  const storage = new RedisStorage({
    url: redis.url,
    prefix: 'test:',
    watch: new FailureWatch(),
    listener: {
      sessionRevoked: hear('revoked'),
      sessionChanged: hear('changed'),
      userRevoked: hear('user'),
    },
    now: Date.now,
  })
  t.teardown(() => {
    storage.close()
  })
  while (!(await storage.isAlive())) await new Promise(setImmediate)
  return { redis, storage, heard }
}

function sessionOf(token: string, more: object = {}): string {
  const session = {
    id: `id-of-${token}`,
    token,
    userId: 'ada',
    createdAt: new Date(1_000_000).toISOString(),
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    ...more,
  }
  return JSON.stringify({ session, user: { id: 'ada' } })
}

t.test('a session is found by its token and by its id, until it is deleted', async (t) => {
  const given = await start(t)
  if (given === null) return
  const { storage, heard } = given
  await storage.set('t1', sessionOf('t1'), 60)
  t.match(await storage.findByToken('t1'), { id: 'id-of-t1', userId: 'ada' })
  t.match(await storage.findById('id-of-t1'), { token: 't1' })
  t.equal(await storage.findByToken('other'), null)
  await storage.delete('t1')
  t.strictSame(heard, [{ kind: 'revoked', sessionId: 'id-of-t1', token: 't1', userId: 'ada' }])
  t.equal(await storage.findByToken('t1'), null)
  t.equal(await storage.findById('id-of-t1'), null)
  await storage.delete('t1')
  t.equal(heard.length, 1, 'what is not there is not revoked')
})

t.test('a refresh that was under way does not bring a session back', async (t) => {
  const given = await start(t)
  if (given === null) return
  const { storage } = given
  await storage.set('t1', sessionOf('t1'), 60)
  await storage.delete('t1')
  await storage.set('t1', sessionOf('t1'), 60)
  t.equal(await storage.get('t1'), null)
  t.equal(await storage.findById('id-of-t1'), null)
})

t.test('a session that began before its user was signed out everywhere is none', async (t) => {
  const given = await start(t)
  if (given === null) return
  const { storage, heard } = given
  await storage.set('t1', sessionOf('t1'), 60)
  await storage.set('revoked-sessions-before-ada', '1000001', 60)
  t.strictSame(heard, [{ kind: 'user', userId: 'ada' }])
  t.equal(await storage.findByToken('t1'), null)
  await storage.set('t2', sessionOf('t2', { createdAt: new Date(1_000_001).toISOString() }), 60)
  t.match(await storage.findByToken('t2'), { token: 't2' })
})

t.test('a session whose time had run out has not been revoked', async (t) => {
  const given = await start(t)
  if (given === null) return
  const { storage, heard } = given
  await storage.set('t1', sessionOf('t1', { expiresAt: new Date(1).toISOString() }), 60)
  await storage.delete('t1')
  t.match(heard, [{ kind: 'changed', sessionId: 'id-of-t1' }])
})

t.test('codes and counts are kept as Better Auth wants them', async (t) => {
  const given = await start(t)
  if (given === null) return
  const { storage, redis, heard } = given
  await storage.set('verification:x', '{"a":1}', 30)
  t.equal(await storage.getAndDelete('verification:x'), '{"a":1}')
  t.equal(await storage.getAndDelete('verification:x'), null)
  t.strictSame([await storage.increment('c', 30), await storage.increment('c', 99)], [1, 2])
  t.match(await redis.tell('TTL test:c'), /^:(?:29|30)$/)
  await storage.set('without an end', 'x')
  t.equal(await redis.tell('TTL "test:without an end"'), ':-1')
  await storage.set('for no time', 'x', 0.2)
  t.match(await redis.tell('TTL "test:for no time"'), /^:[01]$/)
  t.strictSame(heard, [])
})

t.test('a Redis that is away is said at once, and used again when it is back', async (t) => {
  const given = await start(t)
  if (given === null) return
  const { storage, redis } = given
  await redis.kill()
  while (await storage.isAlive()) await new Promise(setImmediate)
  const started = performance.now()
  await t.rejects(storage.findByToken('t1'))
  t.ok(performance.now() - started < 100)
  await redis.start()
  while (!(await storage.isAlive())) await new Promise((resolve) => setTimeout(resolve, 10))
  t.equal(await storage.findByToken('t1'), null)
})
