import t from 'tap'
import { systemClock } from '../../../src/clock.ts'
import { createLogger } from '../../../src/ops/log.ts'
import { RevocationBus } from '../../../src/session/revocation/bus.ts'
import type { RevocationEvent } from '../../../src/session/revocation/event.ts'
import { createRevocationListener } from '../../../src/session/revocation/listener.ts'
import type { LogFollower, RevocationLog } from '../../../src/session/revocation/log.ts'

/** A log that several buses share, and that can be made to fail. */
class SharedLog {
  readonly lines: string[] = []
  readonly followers: LogFollower[] = []
  isFailing = false

  connect(): RevocationLog {
    return {
      open: (follower) => {
        this.followers.push(follower)
        follower.onLines(this.lines)
        follower.onState(true)
        return Promise.resolve()
      },
      append: (line) => {
        if (this.isFailing) return Promise.reject(new Error('away'))
        this.lines.push(line)
        for (const follower of this.followers) follower.onLines([line])
        return Promise.resolve()
      },
      close: () => Promise.resolve(),
    }
  }
}

async function startBus(log: RevocationLog | null, node: string) {
  const heard: RevocationEvent[] = []
  const states: boolean[] = []
  const lags: number[] = []
  const counted = { said: 0, lags, up: [] as boolean[] }
  const bus = new RevocationBus({
    log,
    node,
    hearers: [{ heard: (event) => heard.push(event) }],
    onState: (isUp) => states.push(isUp),
    metrics: {
      said: () => {
        counted.said += 1
      },
      heard: (seconds) => lags.push(seconds),
      state: (isUp) => counted.up.push(isUp),
    },
    clock: systemClock,
    logger: createLogger('silent'),
  })
  await bus.open()
  return { bus, heard, states, counted }
}

const change: RevocationEvent = { kind: 'user-changed', userId: 'ada' }

t.test('what one says is heard by itself at once and by the others once', async (t) => {
  const log = new SharedLog()
  const [here, there] = [await startBus(log.connect(), 'a'), await startBus(log.connect(), 'b')]
  here.bus.say(change)
  t.strictSame(here.heard, [change], 'before anything is written')
  await new Promise(setImmediate)
  t.strictSame([here.heard, there.heard], [[change], [change]])
  t.match(there.counted, { said: 0, lags: [Number], up: [false, true] })
  t.match(here.counted, { said: 1, lags: [] }, 'what one says oneself has no lag')
})

t.test('who starts hears what was said before', async (t) => {
  const log = new SharedLog()
  const { bus } = await startBus(log.connect(), 'a')
  bus.say(change)
  await new Promise(setImmediate)
  const late = await startBus(log.connect(), 'b')
  t.strictSame(late.heard, [change])
  t.strictSame(late.counted.lags, [], 'which is no lag')
})

t.test('what cannot be written is written when it can be, in order', async (t) => {
  const log = new SharedLog()
  const [here, there] = [await startBus(log.connect(), 'a'), await startBus(log.connect(), 'b')]
  log.isFailing = true
  here.bus.say(change)
  here.bus.say({ kind: 'user-deleted', userId: 'ada' })
  await new Promise(setImmediate)
  t.strictSame(there.heard, [])
  log.isFailing = false
  while (there.heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  t.strictSame(there.heard, [change, { kind: 'user-deleted', userId: 'ada' }])
})

t.test('when more waits than is kept, everything may have changed', async (t) => {
  const log = new SharedLog()
  const [here, there] = [await startBus(log.connect(), 'a'), await startBus(log.connect(), 'b')]
  log.isFailing = true
  for (let index = 0; index < 10_001; index += 1) here.bus.say(change)
  log.isFailing = false
  while (there.heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.strictSame(there.heard, [{ kind: 'everything-changed' }])
})

t.test('what nobody understands may be anything', async (t) => {
  const log = new SharedLog()
  const { heard } = await startBus(log.connect(), 'a')
  for (const line of [
    '',
    'null',
    '{"event":{"kind":"user-changed"},"node":"b","atMs":1}',
    '{"event":{"kind":"of a later release","userId":"u"},"node":"b","atMs":1}',
    '{"event":{"kind":"user-changed","userId":"u"},"node":"b"}',
  ]) {
    heard.length = 0
    for (const { onLines } of log.followers) onLines([line])
    t.strictSame(heard, [{ kind: 'everything-changed' }], line)
  }
})

t.test('changes of the state are told, and a bus without others is up', async (t) => {
  const log = new SharedLog()
  const { bus, states } = await startBus(log.connect(), 'a')
  for (const isUp of [true, false, false, true]) log.followers[0]?.onState(isUp)
  t.strictSame(states, [true, false, true])
  t.ok(bus.isUp)
  const alone = await startBus(null, 'b')
  alone.bus.say(change)
  t.strictSame([alone.bus.isUp, alone.heard], [true, [change]])
})

t.test('no token is ever written', async (t) => {
  const log = new SharedLog()
  const { bus } = await startBus(log.connect(), 'a')
  const listener = createRevocationListener(
    bus,
    (text) => `digest of ${text.length}`,
    () => 7,
  )
  listener.sessionRevoked({ sessionId: 's1', token: 'very-secret', userId: 'ada' })
  listener.userRevoked({ userId: 'ada' })
  await new Promise(setImmediate)
  t.match(log.lines[0], /"sessionId":"s1","userId":"ada","tokenDigest":"digest of 11"/)
  t.match(log.lines[1], /"kind":"user-revoked","userId":"ada","beforeMs":7/)
  t.notMatch(log.lines.join(), /very-secret/)
})
