import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Session } from '../../src/authn/principal.ts'
import { refuse } from '../../src/errors/refusal.ts'
import { liveHearer } from '../../src/live/hearer.ts'
import { session, startRegistry, type Listed } from './start.ts'

const changed = { kind: 'session-changed', sessionId: 's1', userId: 'ada' } as const

/** A page that wants to know what its session is like. */
function openTold({ open }: Listed, more: Parameters<Listed['open']>[0] = {}) {
  const told: number[] = []
  const onSession = ({ expiresAtMs }: Session): void => {
    told.push(expiresAtMs)
  }
  return { told, ended: open({ onSession, ...more }) }
}

t.test('a session that changed is asked for where a page wants to know, once', async (t) => {
  const listed = startRegistry(t)
  const { live, open, store, asked, time } = listed
  const hearer = liveHearer(live)
  const silent = open({ expiresAtMs: Infinity })
  hearer.heard(changed, 0)
  t.strictSame(asked, [], 'nobody wants to know')
  time.ms += 61_000
  live.sweep()
  asked.length = 0
  const pages = [openTold(listed), openTold(listed)]
  const other = openTold(listed, { sessionId: 's2' })
  store.set('s1', session(time.ms + 120_000))
  hearer.heard(changed, 0)
  await setImmediate()
  t.strictSame(asked, ['s1'])
  for (const { told, ended } of pages) t.strictSame([told.at(-1), ended], [time.ms + 120_000, []])
  t.strictSame([silent, other.told, other.ended], [[], [], []])
  time.ms += 60_000
  live.sweep()
  t.strictSame(asked, ['s1', 's2'], 'and is known to live longer')
})

t.test('so is one whose user changed, and one that expires', async (t) => {
  const listed = startRegistry(t)
  const { live, store, time } = listed
  const { told, ended } = openTold(listed)
  store.set('s1', session(time.ms + 120_000))
  liveHearer(live).heard({ kind: 'user-changed', userId: 'ada' }, 0)
  await setImmediate()
  t.strictSame(told, [time.ms + 120_000])
  time.ms += 120_000
  store.set('s1', session(time.ms + 60_000))
  live.sweep()
  await setImmediate()
  t.strictSame([told.at(-1), ended], [time.ms + 60_000, []])
})

t.test('who may not stay is told why, and nothing else', async (t) => {
  const listed = startRegistry(t)
  const { live, store, time } = listed
  const lost = openTold(listed, { judge: () => refuse('role_missing') })
  store.set('s1', session(time.ms + 120_000))
  live.recheckUser('ada')
  await setImmediate()
  t.strictSame(lost, { told: [], ended: ['role_missing'] })
  const banned = openTold(listed, { sessionId: 's1' })
  store.set('s1', session(time.ms + 120_000, true))
  live.sessionChanged('s1')
  await setImmediate()
  t.strictSame(banned, { told: [], ended: ['user_banned'] })
})

t.test('what changed between the admission of a page and its beginning is told', async (t) => {
  const listed = startRegistry(t)
  const { live, store, asked, time } = listed
  const expiresAtMs = time.ms + 600_000
  store.set('s1', session(expiresAtMs))
  const hearer = liveHearer(live)
  for (const event of [changed, { kind: 'user-changed', userId: 'ada' } as const]) {
    hearer.heard(event, 0)
    const late = openTold(listed, { expiresAtMs: Infinity })
    await setImmediate()
    t.strictSame(late, { told: [expiresAtMs], ended: [] }, event.kind)
    time.ms += 61_000
    live.sweep()
    asked.length = 0
    const later = openTold(listed, { expiresAtMs: Infinity })
    await setImmediate()
    t.strictSame([later.told, asked], [[], []], 'after a minute nobody can be late')
  }
  store.set('s1', null)
  hearer.heard({ kind: 'user-deleted', userId: 'ada' }, 0)
  const gone = openTold(listed)
  await setImmediate()
  t.strictSame(gone, { told: [], ended: ['session_expired'] }, 'nor is anybody who is gone')
})

t.test('what only a page wants to know ends nothing while nobody can say it', async (t) => {
  const listed = startRegistry(t)
  const { live, open, store, asked, time } = listed
  const { told, ended } = openTold(listed, { expiresAtMs: Infinity })
  const socket = open({ expiresAtMs: Infinity })
  store.set('s1', new Error('the database is away'))
  live.sessionChanged('s1')
  await setImmediate()
  for (let count = 0; count < 3; count += 1) {
    time.ms += 6000
    live.sweep()
    await setImmediate()
  }
  t.strictSame([asked.length, told, ended, socket], [4, [], [], []], 'it is asked again and again')
  store.set('s1', session(time.ms + 60_000))
  live.sweep()
  await setImmediate()
  t.strictSame(told, [time.ms + 60_000])
})

t.test('a question on which more depends waits no longer than ever', async (t) => {
  const listed = startRegistry(t)
  const { live, store, time } = listed
  store.set('s1', new Error('the database is away'))
  for (const ask of [
    // Whether the second comes anew or joins the first, and whichever is first.
    () => {
      live.sessionChanged('s1')
      live.recheckUser('ada')
    },
    () => {
      live.recheckUser('ada')
      live.sessionChanged('s1')
    },
  ]) {
    const { ended } = openTold(listed, { expiresAtMs: Infinity })
    ask()
    await setImmediate()
    time.ms += 4999
    live.sweep()
    await setImmediate()
    t.strictSame(ended, [])
    time.ms += 1
    live.sweep()
    t.strictSame(ended, ['session_store_unavailable'])
  }
})

t.test('it has its own time from when more depends on it', async (t) => {
  const listed = startRegistry(t)
  const { live, store, time } = listed
  const { ended } = openTold(listed, { expiresAtMs: time.ms + 60_000 })
  store.set('s1', new Promise(() => undefined))
  live.sessionChanged('s1')
  time.ms += 60_000
  live.sweep()
  t.strictSame(ended, [])
  time.ms += 4999
  live.sweep()
  t.strictSame(ended, [])
  time.ms += 1
  live.sweep()
  t.strictSame(ended, ['session_store_unavailable'])
})
