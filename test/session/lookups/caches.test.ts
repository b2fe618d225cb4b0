import t from 'tap'
import type { User } from '../../../src/authn/principal.ts'
import { ApiKeyCache } from '../../../src/session/lookups/api-keys.ts'
import { UserCache } from '../../../src/session/lookups/users.ts'
import type { FoundApiKey } from '../../../src/session/port.ts'
import type { RevocationEvent } from '../../../src/session/revocation/event.ts'
import { session } from '../../authn/reading.ts'

function timed() {
  const time = { ms: 0 }
  return { time, clock: { now: () => time.ms, monotonic: () => time.ms } }
}

/** Users who can be changed, over a store that can be slow and away. */
function userCache(ttlMs = 30_000) {
  const { time, clock } = timed()
  const store = {
    known: new Map<string, User>([['u1', { ...session.user, id: 'u1' }]]),
    asked: 0,
    isAway: false,
    hold: null as Promise<void> | null,
  }
  const cache = new UserCache({
    source: {
      findUser: async (id) => {
        store.asked += 1
        const user = store.known.get(id) ?? null
        await store.hold
        if (store.isAway) throw new Error('away')
        return user
      },
    },
    clock,
    ttlMs: () => ttlMs,
  })
  return { time, store, cache }
}

const changes: readonly RevocationEvent[] = [
  { kind: 'user-changed', userId: 'u1' },
  { kind: 'user-revoked', userId: 'u1', beforeMs: 0 },
  { kind: 'user-deleted', userId: 'u1' },
  { kind: 'everything-changed' },
]

t.test('a user is remembered for as long as a session is, somebody unknown for 2 s', async (t) => {
  const { time, store, cache } = userCache()
  t.equal(cache.peek('u1'), undefined)
  await Promise.all([cache.find('u1'), cache.find('u1'), cache.find('u2')])
  t.equal(store.asked, 2, 'one look-up per user')
  time.ms = 1999
  t.match(cache.peek('u1'), { id: 'u1' })
  t.equal(cache.peek('u2'), null)
  time.ms = 2000
  t.equal(cache.peek('u2'), undefined)
  time.ms = 29_999
  t.match(cache.peek('u1'), { id: 'u1' })
  time.ms = 30_000
  t.equal(cache.peek('u1'), undefined)
})

t.test('whatever happens to a user, what was known of them is forgotten', async (t) => {
  for (const event of changes) {
    const { cache } = userCache()
    await cache.find('u1')
    cache.heard({ kind: 'user-changed', userId: 'u2' })
    cache.heard({ kind: 'session-revoked', sessionId: 's', tokenDigest: null, userId: 'u1' })
    t.ok(cache.peek('u1'), 'others, and sessions, have nothing to do with it')
    cache.heard(event)
    t.equal(cache.peek('u1'), undefined, event.kind)
  }
})

t.test(
  'a look-up that began before a change stores nothing, and is handed to nobody',
  async (t) => {
    const { store, cache } = userCache()
    const held = Promise.withResolvers<undefined>()
    store.hold = held.promise
    const before = cache.find('u1')
    cache.heard({ kind: 'user-changed', userId: 'u1' })
    store.known.set('u1', { ...session.user, id: 'u1', banned: true })
    store.hold = null
    t.match(await cache.find('u1'), { banned: true })
    held.resolve(undefined)
    t.match(await before, { banned: false })
    t.match(cache.peek('u1'), { banned: true }, 'though the older answer came later')
  },
)

t.test('an outage is an outage, and nothing is remembered of it', async (t) => {
  const { store, cache } = userCache()
  store.isAway = true
  await t.rejects(cache.find('u1'))
  store.isAway = false
  t.match(await cache.find('u1'), { id: 'u1' })
})

t.test(
  'what may be out of date counts for a moment, and what was doubted before not at all',
  async (t) => {
    const { time, cache } = userCache()
    await cache.find('u1')
    time.ms = 1000
    cache.doubt()
    t.ok(cache.peek('u1'))
    time.ms = 5000
    t.equal(cache.peek('u1'), undefined)
    await cache.find('u1')
    time.ms = 6000
    cache.doubt()
    time.ms = 6001
    cache.doubt()
    t.equal(cache.peek('u1'), undefined)
  },
)

t.test('nothing is remembered where nothing may be', async (t) => {
  const { cache } = userCache(0)
  await cache.find('u1')
  await cache.find('u2')
  t.equal(cache.peek('u1'), undefined)
  t.equal(cache.peek('u2'), undefined)
})

const principal = {
  kind: 'apiKey',
  userId: 'u1',
  keyId: 'k1',
  user: session.user,
  scopes: [],
} as const
const valid: FoundApiKey = {
  answer: { kind: 'valid', principal },
  ownerId: 'u1',
  expiresAtMs: Infinity,
  isMetered: false,
}

function keyCache(answers: readonly FoundApiKey[]) {
  const { time, clock } = timed()
  const used: string[] = []
  const cache = new ApiKeyCache({
    source: {
      verify: (apiKey) => {
        used.push(apiKey)
        return Promise.resolve(answers[Math.min(used.length, answers.length) - 1] ?? valid)
      },
    },
    clock,
    ttlMs: () => 30_000,
  })
  return { time, used, cache }
}

t.test('a key is used once for whoever brings it at once, and remembered', async (t) => {
  const { cache, used, time } = keyCache([valid])
  await Promise.all(Array.from({ length: 50 }, () => cache.find('digest', 'key')))
  t.equal(used.length, 1)
  t.equal(cache.peek('digest'), valid.answer)
  time.ms = 30_000
  t.equal(cache.peek('digest'), undefined)
  for (const event of changes) {
    await cache.find('digest', 'key')
    cache.heard(event)
    t.equal(cache.peek('digest'), undefined, event.kind)
  }
})

// A limit that is only asked now and then does not hold.
t.test('every use of a key with a limit of its own is counted', async (t) => {
  const { cache, used } = keyCache([{ ...valid, isMetered: true }])
  await Promise.all(Array.from({ length: 50 }, () => cache.find('digest', 'key')))
  t.equal(used.length, 50)
  t.equal(cache.peek('digest'), undefined)
})

t.test('a key is never remembered past its expiry', async (t) => {
  const { cache, time } = keyCache([{ ...valid, expiresAtMs: 10_000 }])
  await cache.find('digest', 'key')
  time.ms = 9999
  t.ok(cache.peek('digest'))
  time.ms = 10_000
  t.equal(cache.peek('digest'), undefined)
})

t.test('that a limit has been reached is remembered until it may be used again', async (t) => {
  const limited = (untilMs: number | null): FoundApiKey => ({
    answer: { kind: 'limited', untilMs },
    ownerId: 'u1',
    expiresAtMs: Infinity,
    isMetered: true,
  })
  const { cache, time } = keyCache([limited(5000), limited(null), valid])
  await cache.find('digest', 'key')
  time.ms = 4999
  t.match(cache.peek('digest'), { kind: 'limited' })
  time.ms = 5000
  t.equal(cache.peek('digest'), undefined)
  await cache.find('digest', 'key')
  time.ms = 6999
  t.match(cache.peek('digest'), { kind: 'limited' })
  cache.heard({ kind: 'user-changed', userId: 'u1' })
  t.equal(cache.peek('digest'), undefined, 'its limit may have been raised')
})

t.test('keys that nobody has do not push out those that somebody has', async (t) => {
  const invalid: FoundApiKey = {
    answer: { kind: 'invalid' },
    ownerId: null,
    expiresAtMs: Infinity,
    isMetered: false,
  }
  const { cache, time } = keyCache([valid, invalid])
  await cache.find('digest', 'key')
  for (let index = 0; index < 20_000; index += 1) await cache.find(`made-up-${String(index)}`, 'x')
  t.equal(cache.peek('digest'), valid.answer)
  t.match(cache.peek('made-up-19999'), { kind: 'invalid' })
  t.equal(cache.peek('made-up-0'), undefined)
  time.ms = 2000
  t.equal(cache.peek('made-up-19999'), undefined)
})
