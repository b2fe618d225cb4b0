import t, { type Test } from 'tap'
import { signPush, type PushHead } from '../../../src/session/push/format.ts'
import { PushInbox } from '../../../src/session/push/inbox.ts'
import type { RevocationEvent } from '../../../src/session/revocation/event.ts'

const secret = 'Xh5Rw8Nc2Vt6Lz1Kq9Mb4Jd7Gf3Ps0Ya'

interface Stage {
  readonly inbox: PushInbox
  readonly said: RevocationEvent[]
  readonly states: boolean[]
  readonly time: { ms: number }
  readonly push: (more?: Partial<Pushed>) => string
}

interface Pushed {
  readonly head: Partial<PushHead>
  readonly sender: string
  readonly events: readonly unknown[]
  readonly body: string
  readonly secret: string
}

let count = 0

function start(t: Test, max = 1000): Stage {
  const said: RevocationEvent[] = []
  const states: boolean[] = []
  const time = { ms: 1_000_000 }
  const inbox = new PushInbox({
    secret,
    clock: { now: () => 1_800_000_000_000 + time.ms, monotonic: () => time.ms },
    say: (event) => said.push(event),
    onState: (isUp) => states.push(isUp),
    max,
  })
  t.teardown(() => {
    inbox.close()
  })
  const push: Stage['push'] = (more = {}) => {
    count += 1
    const { sender = 'app-1', events = [{ kind: 'heartbeat' }] } = more
    const body = more.body ?? JSON.stringify({ sender, events })
    const timestamp = String(Math.floor((1_800_000_000_000 + time.ms) / 1000))
    const head = { id: `push-${String(count).padStart(8, '0')}`, timestamp, ...more.head }
    const signature = more.head?.signature ?? signPush(more.secret ?? secret, head, body)
    return inbox.accept({ ...head, signature }, Buffer.from(body))
  }
  return { inbox, said, states, time, push }
}

const changed = { kind: 'user-changed', userId: 'u1' }

t.test('what is signed is said', async (t) => {
  const { push, said } = start(t)
  const events = [
    { kind: 'session-revoked', sessionId: 's1', userId: 'u1', tokenDigest: 'd' },
    { kind: 'session-changed', sessionId: 's1', userId: 'u1' },
    changed,
    { kind: 'user-revoked', userId: 'u1', beforeMs: 5 },
    { kind: 'user-deleted', userId: 'u1' },
    { kind: 'everything-changed' },
  ]
  t.equal(push({ events }), 'accepted')
  t.strictSame(said, events)
})

t.test('what is forged is not', async (t) => {
  const { push, said, inbox } = start(t)
  const events = [changed]
  const right = signPush(secret, { id: 'push-of-ours', timestamp: '1800001000' }, '{}')
  const forgeries: Parameters<typeof push>[0][] = [
    { secret: `${secret}x` },
    { head: { signature: '' } },
    { head: { signature: 'v1,' } },
    { head: { signature: right } },
    { head: { signature: right.replace('v1,', 'v2,') } },
    { head: { signature: right.replace('v1,', '') } },
    { head: { signature: `v1,${'A'.repeat(43)}=` } },
    { head: { signature: Array.from({ length: 50 }, () => 'v1,x').join(' ') } },
    { head: { id: '' } },
    { head: { id: 'short' } },
    { head: { id: 'x'.repeat(65) } },
    { head: { id: 'with.a.dot' } },
  ]
  for (const forgery of forgeries)
    t.equal(push({ events, ...forgery }), 'refused', JSON.stringify(forgery))
  t.strictSame(said, [])
  t.equal(inbox.isUp, false)
})

t.test('signature, time, id and body belong together', async (t) => {
  const { inbox, said } = start(t)
  const head = { id: 'push-1234', timestamp: '1800001000' }
  const body = JSON.stringify({ sender: 'a', events: [changed] })
  const signature = signPush(secret, head, body)
  const given = { ...head, signature }
  t.equal(inbox.accept({ ...given, id: 'push-1235' }, Buffer.from(body)), 'refused')
  t.equal(inbox.accept({ ...given, timestamp: '1800001001' }, Buffer.from(body)), 'refused')
  t.equal(inbox.accept(given, Buffer.from(`${body} `)), 'refused')
  t.equal(
    inbox.accept({ ...given, id: 'push-1', timestamp: '234.1800001000' }, Buffer.from(body)),
    'refused',
  )
  t.strictSame(said, [])
  t.equal(
    inbox.accept({ ...given, signature: `v1,${'A'.repeat(43)}= ${signature}` }, Buffer.from(body)),
    'accepted',
  )
})

t.test('what is too old, or from the future, is not taken', async (t) => {
  const { push } = start(t)
  const at = (seconds: number): string =>
    push({ head: { timestamp: String(1_800_001_000 + seconds) } })
  t.equal(at(-30), 'accepted')
  t.equal(at(30), 'accepted')
  t.equal(at(-31), 'refused')
  t.equal(at(31), 'refused')
  for (const timestamp of ['', 'now', '1800001000.5', '-1', '1e9', ' 1800001000', '0x6b49d200']) {
    t.equal(push({ head: { timestamp } }), 'refused', timestamp)
  }
})

t.test('a push is taken once, for as long as its time would be believed', async (t) => {
  const { inbox, said, time } = start(t)
  const head = { id: 'push-1234', timestamp: '1800001030' }
  const body = Buffer.from(JSON.stringify({ sender: 'a', events: [changed] }))
  const given = { ...head, signature: signPush(secret, head, body) }
  t.equal(inbox.accept(given, body), 'accepted')
  for (let second = 0; second <= 90; second += 1) {
    t.equal(inbox.accept(given, body), 'refused', `after ${second} s`)
    time.ms += 1000
  }
  t.equal(said.length, 1)
})

t.test('where no more can be remembered none is taken, until there is room', async (t) => {
  const { push, time } = start(t, 3)
  t.strictSame([push(), push(), push(), push()], ['accepted', 'accepted', 'accepted', 'refused'])
  time.ms += 61_001
  t.equal(push(), 'accepted')
})

t.test('a refused push leaves its id to whoever may use it', async (t) => {
  const { push } = start(t)
  t.equal(push({ head: { id: 'push-1234' }, secret: 'another one' }), 'refused')
  t.equal(push({ head: { id: 'push-1234' } }), 'accepted')
})

t.test('a body that cannot be read is malformed, and shows nobody', async (t) => {
  const { push, inbox } = start(t)
  for (const body of [
    '',
    'null',
    '[]',
    '{',
    '{"events":[]}',
    '{"sender":1,"events":[]}',
    '{"sender":"a"}',
  ]) {
    t.equal(push({ body }), 'malformed', body)
  }
  t.equal(inbox.isUp, false)
})

t.test('what a later release says may concern anybody', async (t) => {
  const { push, said } = start(t)
  for (const event of [{ kind: 'team-changed' }, null, 'x', { kind: 'user-changed' }]) {
    t.equal(push({ events: [event] }), 'accepted')
    t.strictSame(said.splice(0), [{ kind: 'everything-changed' }], JSON.stringify(event))
  }
})

t.test('the channel is up while its sender shows itself', async (t) => {
  const { inbox, push, time, states } = start(t)
  t.equal(inbox.isUp, false)
  push()
  t.equal(inbox.isUp, true)
  time.ms += 750
  t.equal(inbox.isUp, true)
  time.ms += 1
  t.equal(inbox.isUp, false)
  inbox.look()
  push()
  t.strictSame(states, [true, false, true])
})

t.test('one sender that falls silent is missed, until it is certain to be gone', async (t) => {
  const { inbox, push, time } = start(t)
  push({ sender: 'app-1' })
  push({ sender: 'app-2' })
  const later = (ms: number): void => {
    time.ms += ms
    push({ sender: 'app-2' })
  }
  later(700)
  t.equal(inbox.isUp, true)
  later(100)
  t.equal(inbox.isUp, false, 'app-1 may have something to tell')
  later(30_000)
  t.equal(inbox.isUp, false)
  later(30_000)
  t.equal(inbox.isUp, true, 'it has ended')
  push({ sender: 'app-1' })
  t.equal(inbox.isUp, true)
})
