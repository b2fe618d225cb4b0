import t from 'tap'
import type { AccessRecord } from '../../../src/ops/access/record.ts'
import { Histogram } from '../../../src/ops/console/traffic/histogram.ts'
import { RefusalRing } from '../../../src/ops/console/traffic/refusals.ts'
import { outcomes, TrafficSeries } from '../../../src/ops/console/traffic/series.ts'
import { Throttle } from '../../../src/ops/console/rights/throttle.ts'

const base: AccessRecord = {
  requestId: 'r',
  atMs: 0,
  kind: 'http',
  method: 'GET',
  path: '/api/todos',
  address: '203.0.113.1',
  host: 'app.test',
  presented: [],
  route: 'api',
  decision: 'forwarded',
  code: null,
  observed: null,
  status: 200,
  cut: false,
  userId: null,
  credential: null,
  durationMs: 12,
  admissionMs: 0.2,
  traceId: null,
  upstreamMs: 11,
  upstream: 'api',
  target: 'http://127.0.0.1:8000',
}

function startSeries(steps = 6) {
  const time = { ms: 1_000_000 }
  return { time, series: new TrafficSeries({ now: () => time.ms, stepMs: 10_000, steps }) }
}

t.test(
  'requests are counted in the step in which they ended, by what became of them',
  async (t) => {
    const { time, series } = startSeries()
    series.record(base)
    series.record({ ...base, status: 404 })
    series.record({ ...base, status: 500 })
    series.record({
      ...base,
      decision: 'refused',
      code: 'not_owner',
      status: 403,
      upstreamMs: null,
    })
    series.record({
      ...base,
      decision: 'verify',
      code: 'credential_missing',
      status: 401,
      upstreamMs: null,
    })
    series.record({ ...base, decision: 'verify', status: 200, upstreamMs: null })
    series.record({ ...base, decision: 'left', status: null, upstreamMs: null })
    // A stream that was ended by us was answered first.
    series.record({ ...base, kind: 'event-stream', code: 'session_revoked' })
    time.ms += 10_000
    series.record(base)
    const [first, second] = series.list()
    t.strictSame(outcomes, ['ok', 'clientError', 'serverError', 'refused', 'left'])
    t.match(first, {
      at: 1_000_000,
      requests: [3, 1, 1, 2, 1],
      refusals: { not_owner: 1, credential_missing: 1 },
    })
    t.match(second, { at: 1_010_000, requests: [1, 0, 0, 0, 0], refusals: {} })
    t.strictSame(series.routes(), [{ route: 'api', requests: 9, refused: 2 }])
  },
)

t.test(
  'what is older than the last step is forgotten, however long nothing happened',
  async (t) => {
    const { time, series } = startSeries()
    series.record(base)
    time.ms += 50_000
    t.equal(series.list().length, 6)
    t.equal(series.routes().length, 1)
    time.ms += 10_000
    t.equal(series.list().length, 6)
    t.strictSame(series.routes(), [])
    t.ok(series.list().every(({ requests }) => requests.every((count) => count === 0)))
    time.ms += 1e12
    t.equal(series.list().length, 6)
    t.equal(series.list(2).length, 2)
  },
)

t.test('a clock that is set back goes on where it was', async (t) => {
  const { time, series } = startSeries()
  time.ms += 30_000
  series.record(base)
  time.ms -= 3_600_000
  series.record(base)
  t.equal(series.list().at(-1)?.requests[0], 2)
})

t.test('percentiles are right within the width of their bucket', async (t) => {
  const histogram = new Histogram()
  t.equal(histogram.percentile(0.5), null)
  for (let ms = 1; ms <= 1000; ms += 1) histogram.add(ms)
  for (const [share, wanted] of [
    [0.5, 500],
    [0.95, 950],
    [0.99, 990],
  ] as const) {
    const found = histogram.percentile(share) ?? 0
    t.ok(Math.abs(found - wanted) / wanted < 0.13, `p${share * 100}: ${found}`)
  }
  const odd = new Histogram()
  for (const ms of [NaN, -1, 0, 1e12]) odd.add(ms)
  t.ok((odd.percentile(1) ?? 0) > 50_000, 'nothing is out of its range')
  t.ok((odd.percentile(0.25) ?? 1) <= 0.05)
})

t.test('a series holds as much after a million strange requests as after none', async (t) => {
  const { series } = startSeries()
  for (let index = 0; index < 20_000; index += 1) {
    series.record({ ...base, route: `route-${index}`, path: `/${index}`, userId: `user-${index}` })
  }
  t.equal(series.routes().length, 500)
  t.ok(JSON.stringify(series.list()).length < 10_000)
})

t.test(
  'the ring keeps the last refusals, the newest first, and nothing that is long',
  async (t) => {
    const ring = new RefusalRing(5)
    for (let index = 1; index <= 12; index += 1) {
      ring.add({ ...base, requestId: `r${index}`, decision: 'refused', code: 'not_owner' }, 'hash')
    }
    t.equal(ring.count, 12)
    t.strictSame(
      ring.list().map(({ number }) => number),
      [12, 11, 10, 9, 8],
    )
    t.strictSame(
      ring.list({ after: 10 }).map(({ number }) => number),
      [12, 11],
    )
    t.strictSame(
      ring.list({ max: 2 }).map(({ number }) => number),
      [12, 11],
    )
    t.equal(ring.find('r9')?.number, 9)
    t.equal(ring.find('r3'), null)
    ring.add({ ...base, requestId: 'r9', path: '/again' }, 'hash')
    t.equal(ring.find('r9')?.record.path, '/again', 'an id that came twice means the last')
  },
)

t.test('what a client chose is cut, and a query never stays', async (t) => {
  const ring = new RefusalRing(5)
  const long = 'x'.repeat(100_000)
  ring.add(
    {
      ...base,
      requestId: long,
      method: long,
      path: `/${long}?token=secret`,
      address: long,
      host: long,
      userId: long,
    },
    'hash',
  )
  ring.add({ ...base, path: '/a?token=secret' }, 'hash')
  t.ok(JSON.stringify(ring.list()).length < 4000)
  t.notMatch(JSON.stringify(ring.list()), /secret/)
  t.equal(ring.list()[0]?.record.path, '/a')
})

t.test('who guesses is counted by address, and of few addresses', async (t) => {
  const time = { ms: 0 }
  const throttle = new Throttle(() => time.ms)
  for (let times = 0; times < 10; times += 1) throttle.wrong('a')
  t.equal(throttle.waitSeconds('a'), 60)
  t.equal(throttle.waitSeconds('b'), 0)
  time.ms = 59_500
  t.equal(throttle.waitSeconds('a'), 1)
  time.ms = 60_000
  t.equal(throttle.waitSeconds('a'), 0)
  throttle.wrong('a')
  t.equal(throttle.waitSeconds('a'), 0, 'a new minute begins')
})
