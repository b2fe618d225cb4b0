import t from 'tap'
import { isRefusal } from '../../src/errors/refusal.ts'
import { exchange, finish, openGroup, upstreamConfig, type Opened } from './group.ts'

const target = 'http://127.0.0.1:1001'
const breaker = { errors: 0.5, windowMs: 10_000, minimum: 20, openMs: 5000 }
const withBreaker = upstreamConfig([target], { breaker })

function send(opened: Opened, end: 'answered' | 'failed' | 'left', times: number): void {
  for (let each = 0; each < times; each += 1) exchange(opened, end)
}

function states(opened: Opened): readonly unknown[] {
  return opened.log.map((line) => line['breaker']).filter((state) => state !== undefined)
}

t.test('it opens at the share of failures, and not below the minimum of requests', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'failed', 19)
  t.equal(opened.refusal(), null, '19 of 19')
  send(opened, 'failed', 1)
  t.equal(opened.refusal(), 'upstream_unavailable', '20 of 20')

  const half = openGroup(t, withBreaker)
  send(half, 'answered', 30)
  send(half, 'failed', 29)
  t.equal(half.refusal(), null, '29 of 59')
  send(half, 'failed', 1)
  t.equal(half.refusal(), 'upstream_unavailable', '30 of 60')
})

t.test('clients that leave are neither failures nor requests', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'left', 100)
  send(opened, 'failed', 19)
  t.equal(opened.refusal(), null)
})

t.test('what is older than the window is forgotten', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'failed', 19)
  opened.clock.nowMs += 10_000
  send(opened, 'failed', 19)
  t.equal(opened.refusal(), null, 'all at once')
  opened.clock.nowMs += 10_000
  for (let step = 0; step < 100; step += 1) {
    opened.clock.nowMs += 1000
    send(opened, 'failed', 1)
  }
  t.equal(opened.refusal(), null, 'step by step: never more than 10 in a window')
  opened.clock.nowMs += 3_600_000
  send(opened, 'failed', 19)
  t.equal(opened.refusal(), null, 'after a long silence')
})

t.test('a refusal says when to come back', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'failed', 20)
  const retryAfter = (): string | undefined => {
    const refusal = opened.group.acquire()
    return isRefusal(refusal) ? refusal.headers?.['retry-after'] : undefined
  }
  t.equal(retryAfter(), '5')
  opened.clock.nowMs += 3500
  t.equal(retryAfter(), '2')
  opened.clock.nowMs += 1499
  t.equal(retryAfter(), '1')
})

t.test('after its time exactly one request tries; its answer closes the breaker', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'failed', 20)
  opened.clock.nowMs += 4999
  t.equal(opened.refusal(), 'upstream_unavailable')
  opened.clock.nowMs += 1
  const trying = opened.take()
  t.equal(opened.refusal(), 'upstream_unavailable', 'one is enough')
  finish(trying, 'answered')
  t.equal(opened.refusal(), null)
  t.strictSame(states(opened), ['open', 'half-open', 'closed'])
  send(opened, 'failed', 19)
  t.equal(opened.refusal(), null, 'it begins to count anew')
})

t.test('a try that fails opens it for as long again', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'failed', 20)
  opened.clock.nowMs += 5000
  send(opened, 'failed', 1)
  opened.clock.nowMs += 4999
  t.equal(opened.refusal(), 'upstream_unavailable')
  opened.clock.nowMs += 1
  send(opened, 'answered', 1)
  t.equal(opened.refusal(), null)
  t.strictSame(states(opened), ['open', 'half-open', 'open', 'half-open', 'closed'])
})

t.test('a try whose client leaves lets the next request try', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'failed', 20)
  opened.clock.nowMs += 5000
  send(opened, 'left', 1)
  const trying = opened.take()
  t.equal(opened.refusal(), 'upstream_unavailable')
  finish(trying, 'answered')
  t.equal(opened.refusal(), null)
})

t.test('a try that hangs does not keep the breaker open: another one may try', async (t) => {
  const opened = openGroup(t, withBreaker)
  send(opened, 'failed', 20)
  opened.clock.nowMs += 5000
  opened.take()
  opened.clock.nowMs += 4999
  t.equal(opened.refusal(), 'upstream_unavailable')
  opened.clock.nowMs += 1
  send(opened, 'answered', 1)
  t.equal(opened.refusal(), null)
})

t.test('requests of before an outage that fail after it do not open it again', async (t) => {
  const opened = openGroup(t, withBreaker)
  const hung = Array.from({ length: 100 }, () => opened.take())
  send(opened, 'failed', 20)
  for (const lease of hung.slice(0, 40)) finish(lease, 'failed')
  opened.clock.nowMs += 5000
  const trying = opened.take()
  for (const lease of hung.slice(40, 60)) finish(lease, 'failed')
  finish(trying, 'answered')
  for (const lease of hung.slice(60)) finish(lease, 'failed')
  t.strictSame(states(opened), ['open', 'half-open', 'closed'])
})

t.test('a try may go to an ejected target: it is there to find out who lives', async (t) => {
  const [a, b] = ['http://127.0.0.1:1001', 'http://127.0.0.1:1002']
  const quick = { ...breaker, openMs: 100 }
  const opened = openGroup(t, upstreamConfig([a, b], { breaker: quick }))
  send(opened, 'failed', 20)
  t.ok(opened.log.some((line) => line['ejectedMs'] === 1000))
  const tried = new Set<string>()
  for (let each = 0; each < 2; each += 1) {
    opened.clock.nowMs += 100
    tried.add(exchange(opened, 'failed'))
  }
  t.equal(tried.size, 2)
})

t.test('a full upstream does not use up the try', async (t) => {
  const opened = openGroup(t, upstreamConfig([target], { breaker, maxInFlight: 1 }))
  send(opened, 'failed', 19)
  const hung = opened.take()
  hung.failed(new Error('refused'))
  opened.clock.nowMs += 5000
  t.equal(opened.refusal(), 'overloaded')
  hung.release()
  exchange(opened, 'answered')
  t.equal(opened.refusal(), null)
})

t.test('without a breaker an upstream is always called', async (t) => {
  const opened = openGroup(t, upstreamConfig([target]))
  send(opened, 'failed', 1000)
  t.equal(opened.refusal(), null)
})
