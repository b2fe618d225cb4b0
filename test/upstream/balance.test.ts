import t from 'tap'
import type { Lease } from '../../src/upstream/port.ts'
import { exchange, finish, openGroup, upstreamConfig, type Opened } from './group.ts'

const a = 'http://127.0.0.1:1001'
const b = 'http://127.0.0.1:1002'
const c = 'http://127.0.0.1:1003'

function count(origins: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const origin of origins) counts[origin] = (counts[origin] ?? 0) + 1
  return counts
}

function send(opened: Opened, times: number): Record<string, number> {
  return count(Array.from({ length: times }, () => exchange(opened, 'answered')))
}

t.test('round-robin gives each target every n-th request', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b, c]))
  const order = Array.from({ length: 6 }, () => exchange(opened, 'answered'))
  t.strictSame(order, [a, b, c, a, b, c])
})

t.test('least-pending chooses the target with the fewest requests under way', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b, c], { balance: 'least-pending' }))
  const slow: Lease[] = []
  const take = (): string => {
    const lease = opened.take()
    slow.push(lease)
    return lease.target.origin
  }
  t.strictSame([take(), take(), take(), take()], [a, b, c, a])
  t.strictSame(send(opened, 10), { [b]: 5, [c]: 5 }, 'the busiest gets nothing, equals take turns')
  for (const lease of slow) lease.release()
  t.strictSame(send(opened, 9), { [a]: 3, [b]: 3, [c]: 3 }, 'idle targets share alike')
})

t.test('a slot counts once, however often its ends are told', async (t) => {
  const { group, take } = openGroup(t, upstreamConfig([a]))
  const [one, two] = [take(), take()]
  one.release()
  one.release()
  one.release()
  t.equal(group.inFlight, 1)
  two.release()
  t.equal(group.inFlight, 0)
})

t.test(
  'beyond maxInFlight a request is refused at once, and a free slot is given again',
  async (t) => {
    const opened = openGroup(t, upstreamConfig([a, b], { maxInFlight: 2 }))
    const one = opened.take()
    opened.take()
    t.equal(opened.refusal(), 'overloaded')
    one.release()
    t.equal(opened.refusal(), null)
  },
)

t.test('a request goes to a target that has not failed it, while there is one', async (t) => {
  const { take } = openGroup(t, upstreamConfig([a, b]))
  const first = take()
  const second = take([first.target])
  t.equal(second.target.origin, b)
  t.equal(take([second.target]).target.origin, a)
  t.ok(take([first.target, second.target]), 'where all have failed it, any is tried')
})

t.test(
  'that another target is better otherwise does not matter to a request it has failed',
  async (t) => {
    const opened = openGroup(t, upstreamConfig([a, b], { balance: 'least-pending' }))
    const [idle, busy] = [opened.take(), opened.take()]
    idle.release()
    const failing = opened.take()
    t.equal(failing.target.origin, a, 'it has the fewest')
    failing.release()
    t.equal(opened.take([failing.target]).target, busy.target)
  },
)

t.test('an ejected target is better than one that has failed the request', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b], { balance: 'least-pending' }))
  const leases = Array.from({ length: 6 }, () => opened.take())
  for (const lease of leases) {
    if (lease.target.origin === a) lease.failed(new Error('refused'))
    else lease.release()
  }
  t.match(opened.log, [{ target: a, ejectedMs: 1000 }])
  const failing = opened.take()
  t.equal(failing.target.origin, b)
  t.equal(opened.take([failing.target]).target.origin, a)
})

t.test('three failures in a row eject a target, and its share goes to the others', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b]))
  for (let each = 0; each < 3; each += 1) {
    t.equal(exchange(opened, 'failed'), a)
    t.equal(exchange(opened, 'answered'), b)
  }
  t.strictSame(send(opened, 10), { [b]: 10 })
  t.strictSame(opened.log, [
    {
      upstream: 'api',
      target: a,
      ejectedMs: 1000,
      message: 'upstream target fails and is left out for a while',
    },
  ])
})

t.test('an answer in between forgives the failures before it', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b]))
  for (const end of ['failed', 'failed', 'answered', 'failed', 'failed'] as const) {
    t.equal(exchange(opened, end), a)
    exchange(opened, 'answered')
  }
  t.strictSame(send(opened, 4), { [a]: 2, [b]: 2 })
})

t.test('a client that leaves says nothing about its target', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b]))
  for (let each = 0; each < 10; each += 1) exchange(opened, 'left')
  t.strictSame(send(opened, 4), { [a]: 2, [b]: 2 })
  t.equal(opened.log.length, 0)
})

/** Fails the first target until it is ejected. */
function eject(opened: Opened): void {
  for (let each = 0; each < 3; each += 1) {
    exchange(opened, 'failed')
    exchange(opened, 'answered')
  }
}

t.test(
  'after its time an ejected target gets one request, and all of its share once it answers',
  async (t) => {
    const opened = openGroup(t, upstreamConfig([a, b]))
    eject(opened)
    opened.clock.nowMs += 1000
    const trying = opened.take()
    t.equal(trying.target.origin, a)
    t.strictSame(send(opened, 5), { [b]: 5 }, 'nobody else tries it meanwhile')
    finish(trying, 'answered')
    t.strictSame(send(opened, 6), { [a]: 3, [b]: 3 })
    t.equal(opened.log.at(-1)?.message, 'upstream target answers again')
  },
)

t.test('a try whose client leaves lets the next request try', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b]))
  eject(opened)
  opened.clock.nowMs += 1000
  t.equal(exchange(opened, 'left'), a)
  exchange(opened, 'answered')
  t.equal(exchange(opened, 'answered'), a)
})

t.test('each ejection is twice as long as the one before, and a minute at most', async (t) => {
  const opened = openGroup(t, upstreamConfig([a, b]))
  eject(opened)
  let lastMs = 1000
  for (const ejectedMs of [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
    opened.clock.nowMs += lastMs - 1
    t.strictSame(send(opened, 2), { [b]: 2 }, 'not a millisecond early')
    opened.clock.nowMs += 1
    const origins = [exchange(opened, 'failed'), exchange(opened, 'answered')]
    t.ok(origins.includes(a), 'one failure is enough now')
    t.match(opened.log.at(-1), { target: a, ejectedMs })
    lastMs = ejectedMs
  }
})

t.test(
  'what was sent before an ejection and fails during it does not make it longer',
  async (t) => {
    const opened = openGroup(t, upstreamConfig([a, b], { balance: 'least-pending' }))
    const slow = Array.from({ length: 20 }, opened.take.bind(null, undefined))
    for (const lease of slow.filter(({ target }) => target.origin === a)) finish(lease, 'failed')
    t.equal(opened.log.length, 1)
    opened.clock.nowMs += 1000
    t.ok(send(opened, 3)[a], 'back after the first, shortest time')
  },
)

t.test('the last target is never ejected', async (t) => {
  const alone = openGroup(t, upstreamConfig([a]))
  for (let each = 0; each < 10; each += 1) t.equal(exchange(alone, 'failed'), a)
  t.equal(alone.log.length, 0)

  const opened = openGroup(t, upstreamConfig([a, b]))
  for (let each = 0; each < 20; each += 1) exchange(opened, 'failed')
  t.equal(opened.log.length, 1, 'one is ejected, the other one stays')
  const [left] = [opened.log[0]?.['target'] === a ? b : a]
  t.equal(exchange(opened, 'answered'), left)
})
