import t from 'tap'
import type { Session } from '../../src/authn/principal.ts'
import { SessionCache } from '../../src/session/cache.ts'

function sessionOf(id: string, userId = 'user-1', expiresAtMs = 1_000_000): Session {
  const user = {
    id: userId,
    email: '',
    emailVerified: false,
    name: '',
    image: null,
    role: null,
    banned: false,
    externalId: null,
    fields: {},
  }
  return {
    id,
    expiresAtMs,
    refreshAtMs: Infinity,
    createdAtMs: 0,
    impersonatedBy: null,
    organization: null,
    user,
  }
}

interface Rig {
  readonly cache: SessionCache
  readonly rows: Map<string, Session>
  readonly time: { now: number }
  readonly reads: string[]
  /** Held reads answer only when released, with what the store holds then or held when they began. */
  hold: (() => void)[] | null
}

function rig(max?: number): Rig {
  const rows = new Map<string, Session>()
  const time = { now: 0 }
  const reads: string[] = []
  const made = { rows, time, reads, hold: null as (() => void)[] | null }
  const read = async (token: string): Promise<Session | null> => {
    reads.push(token)
    const found = rows.get(token) ?? null
    const { hold } = made
    if (hold !== null) await new Promise<void>((resolve) => hold.push(resolve))
    return found
  }
  const cache = new SessionCache({
    source: { findByToken: read, findById: read, refresh: () => Promise.resolve(null) },
    clock: { now: () => time.now, monotonic: () => time.now },
    ttlMs: () => 30_000,
    wasRevoked: (mark) => mark === 'sid:s1',
    ...(max === undefined ? {} : { max }),
  })
  return Object.assign(made, { cache })
}

t.test('an answer is reused until it is stale', async (t) => {
  const { cache, rows, time, reads } = rig()
  rows.set('token', sessionOf('s1'))
  t.equal(cache.peek('key'), undefined)
  t.match(await cache.findByToken('key', 'token'), { id: 's1' })
  t.match(cache.peek('key'), { id: 's1' })
  time.now = 29_999
  t.match(cache.peek('key'), { id: 's1' })
  time.now = 30_000
  t.equal(cache.peek('key'), undefined)
  t.same(reads, ['token'])
})

t.test('an answer is never used past the expiry of its session', async (t) => {
  const { cache, rows, time } = rig()
  rows.set('token', sessionOf('s1', 'user-1', 5000))
  await cache.findByToken('key', 'token')
  time.now = 4999
  t.match(cache.peek('key'), { id: 's1' })
  time.now = 5000
  t.equal(cache.peek('key'), undefined)
})

t.test('a "no" is remembered briefly', async (t) => {
  const { cache, time } = rig()
  t.equal(await cache.findByToken('key', 'token'), null)
  t.equal(cache.peek('key'), null)
  time.now = 2000
  t.equal(cache.peek('key'), undefined)
})

t.test('one look-up per key is under way at a time', async (t) => {
  const { cache, rows, reads } = rig()
  rows.set('token', sessionOf('s1'))
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => cache.findByToken('key', 'token')),
  )
  t.equal(answers.length, 50)
  t.same(reads, ['token'])
})

t.test('a failed look-up is not remembered', async (t) => {
  const { cache } = rig()
  const failing = new SessionCache({
    source: {
      findByToken: () => Promise.reject(new Error('away')),
      findById: () => Promise.reject(new Error('away')),
      refresh: () => Promise.resolve(null),
    },
    clock: { now: () => 0, monotonic: () => 0 },
    ttlMs: () => 1,
    wasRevoked: () => false,
  })
  await t.rejects(failing.findByToken('key', 'token'), { message: 'away' })
  t.equal(failing.peek('key'), undefined)
  t.equal(cache.size, 0)
})

t.test('revoking a session forgets it under every credential, and remembers that', async (t) => {
  const { cache, rows } = rig()
  rows.set('token', sessionOf('s1'))
  await cache.findByToken('a', 'token')
  await cache.findByToken('b', 'token')
  await cache.findById('sid:s1', 'token')
  cache.heard({ kind: 'session-revoked', sessionId: 's1', userId: 'user-1', tokenDigest: null })
  for (const key of ['a', 'b', 'sid:s1']) t.equal(cache.peek(key), undefined, key)
  t.ok(cache.wasRevoked('sid:s1'))
  t.notOk(cache.wasRevoked('sid:s2'))
})

t.test('a change of the user forgets all sessions of that user and no others', async (t) => {
  const { cache, rows } = rig()
  rows.set('t1', sessionOf('s1')).set('t2', sessionOf('s2')).set('t3', sessionOf('s3', 'user-2'))
  for (const [key, token] of [
    ['a', 't1'],
    ['b', 't2'],
    ['c', 't3'],
  ] as const)
    await cache.findByToken(key, token)
  cache.heard({ kind: 'user-changed', userId: 'user-1' })
  t.equal(cache.peek('a'), undefined)
  t.equal(cache.peek('b'), undefined)
  t.match(cache.peek('c'), { id: 's3' })
})

t.test('a look-up that began before a revocation never stores what it found', async (t) => {
  const given = rig()
  const { cache, rows, reads } = given
  rows.set('token', sessionOf('s1'))
  given.hold = []
  const early = cache.findByToken('key', 'token')
  rows.delete('token')
  cache.heard({ kind: 'session-revoked', sessionId: 's1', userId: 'user-1', tokenDigest: null })
  const late = cache.findByToken('key', 'token')
  for (const release of given.hold) release()
  await early
  t.equal(await late, null, 'whoever asks after the revocation is not handed the early answer')
  t.same(reads, ['token', 'token'])
  t.equal(cache.peek('key'), null)
})

t.test('the least recently used session leaves first, and leaves no trace', async (t) => {
  const { cache, rows } = rig(2)
  for (const id of ['1', '2', '3']) {
    rows.set(`t${id}`, sessionOf(`s${id}`))
    await cache.findByToken(`k${id}`, `t${id}`)
  }
  t.equal(cache.peek('k1'), undefined)
  t.match(cache.peek('k3'), { id: 's3' })
  t.equal(cache.size, 2)
})

t.test(
  'what may be out of date is believed for four seconds more, and not after a second doubt',
  async (t) => {
    const { cache, rows, time } = rig()
    rows.set('t1', sessionOf('s1')).set('t2', sessionOf('s2')).set('t3', sessionOf('s3'))
    time.now = 100
    await cache.findByToken('a', 't1')
    time.now = 200
    cache.doubt()
    time.now = 1000
    await cache.findByToken('b', 't2')
    t.match([cache.peek('a'), cache.peek('b')], [{ id: 's1' }, { id: 's2' }])
    time.now = 2000
    cache.doubt()
    t.match([cache.peek('a'), cache.peek('b')], [undefined, { id: 's2' }])
    time.now = 3000
    await cache.findByToken('c', 't3')
    time.now = 5999
    t.match(cache.peek('b'), { id: 's2' })
    time.now = 6000
    t.match([cache.peek('b'), cache.peek('c')], [undefined, { id: 's3' }])
  },
)

t.test('what may be out of date is not learnt from a look-up that was under way', async (t) => {
  const given = rig()
  given.rows.set('token', sessionOf('s1'))
  given.hold = []
  const early = given.cache.findByToken('key', 'token')
  given.cache.doubt()
  for (const release of given.hold) release()
  await early
  t.equal(given.cache.peek('key'), undefined)
})

t.test('when everything has changed, nothing is known', async (t) => {
  const { cache, rows } = rig()
  rows.set('token', sessionOf('s1'))
  await cache.findByToken('a', 'token')
  await cache.findByToken('b', 'no such')
  cache.heard({ kind: 'everything-changed' })
  t.strictSame([cache.peek('a'), cache.peek('b'), cache.size], [undefined, undefined, 0])
})
