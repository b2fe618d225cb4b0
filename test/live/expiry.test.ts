import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Session } from '../../src/authn/principal.ts'
import { liveHearer } from '../../src/live/hearer.ts'
import { session, startRegistry } from './start.ts'

t.test(
  'at its expiry a session is asked for; one that was extended keeps what it opened',
  async (t) => {
    const { live, open, time, store, asked } = startRegistry(t)
    const ended = [open(), open()]
    live.sweep()
    t.strictSame(asked, [], 'nobody is asked before')
    time.ms += 60_000
    store.set('s1', session(time.ms + 60_000))
    live.sweep()
    await setImmediate()
    live.sweep()
    t.strictSame(asked, ['s1'], 'once for all that it opened')
    t.strictSame(ended, [[], []])
    time.ms += 60_000
    store.set('s1', null)
    live.sweep()
    await setImmediate()
    t.strictSame(ended, [['session_expired'], ['session_expired']])
  },
)

t.test('an extension that is told needs no question', async (t) => {
  const { live, open, time, asked } = startRegistry(t)
  const ended = open()
  live.extended('s1', time.ms + 120_000)
  time.ms += 60_000
  live.sweep()
  t.strictSame([asked, ended], [[], []])
})

t.test('an extension that has run out itself, and a ban, end it', async (t) => {
  const { live, open, time, store } = startRegistry(t)
  const expired = open()
  time.ms += 60_000
  store.set('s1', session(time.ms))
  live.sweep()
  await setImmediate()
  t.strictSame(expired, ['session_expired'])

  const banned = open({ expiresAtMs: time.ms })
  store.set('s1', session(time.ms + 60_000, true))
  live.sweep()
  await setImmediate()
  t.strictSame(banned, ['user_banned'])
})

t.test('a foreign token ends with its own time', async (t) => {
  const { live, open, time } = startRegistry(t)
  const ended = open({ sessionId: null })
  time.ms += 59_999
  live.sweep()
  t.strictSame(ended, [])
  time.ms += 1
  live.sweep()
  t.strictSame(ended, ['token_expired'])
})

t.test('when nobody can say whether an expired session lives, that is what is said', async (t) => {
  const { live, open, time, store } = startRegistry(t)
  const ended = [open(), open({ expiresAtMs: Infinity })]
  store.set('s1', new Error('the database is away'))
  time.ms += 60_000
  live.sweep()
  await setImmediate()
  t.strictSame(ended, [['session_store_unavailable'], []])
})

t.test('a question without an answer is given up after five seconds', async (t) => {
  const { live, open, time, store } = startRegistry(t)
  const ended = open()
  store.set('s1', new Promise(() => undefined))
  time.ms += 60_000
  live.sweep()
  time.ms += 4999
  live.sweep()
  t.strictSame(ended, [])
  time.ms += 1
  live.sweep()
  t.strictSame(ended, ['session_store_unavailable'])
})

t.test('a user who was banned loses what is open; one whose name changed does not', async (t) => {
  const { live, open, time, store } = startRegistry(t)
  const hearer = liveHearer(live)
  const ended = open()
  store.set('s1', session(time.ms + 60_000))
  hearer.heard({ kind: 'user-changed', userId: 'ada' }, 0)
  await setImmediate()
  t.strictSame(ended, [])
  store.set('s1', session(time.ms + 60_000, true))
  hearer.heard({ kind: 'user-changed', userId: 'ada' }, 0)
  await setImmediate()
  t.strictSame(ended, ['user_banned'])
})

t.test(
  'a change is asked for again when the store was away, and an older answer does not count',
  async (t) => {
    const { live, open, time, store, asked } = startRegistry(t)
    const hearer = liveHearer(live)
    const ended = open()
    store.set('s1', new Error('the database is away'))
    hearer.heard({ kind: 'user-changed', userId: 'ada' }, 0)
    await setImmediate()
    t.strictSame(ended, [], 'an outage ends nothing that has time left')
    const early = Promise.withResolvers<Session | null>()
    store.set('s1', early.promise)
    live.sweep()
    store.set('s1', session(time.ms + 60_000, true))
    hearer.heard({ kind: 'user-changed', userId: 'ada' }, 0)
    early.resolve(session(time.ms + 60_000))
    await setImmediate()
    t.strictSame(ended, ['user_banned'])
    t.equal(asked.length, 3)
  },
)

t.test('it looks at the clock by itself', async (t) => {
  const { open, time } = startRegistry(t)
  const { promise, resolve } = Promise.withResolvers<string>()
  open({
    sessionId: null,
    end: ({ code }) => {
      resolve(code)
    },
  })
  time.ms += 60_000
  // Its timer holds no process.
  const held = setTimeout(() => undefined, 2000)
  t.equal(await promise, 'token_expired')
  clearTimeout(held)
})
