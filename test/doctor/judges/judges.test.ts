import t from 'tap'
import { once, ok } from '../../../src/doctor/check.ts'
import { slowFor } from '../../../src/doctor/context.ts'
import { runChecks } from '../../../src/doctor/run.ts'
import { judgePostgres } from '../../../src/doctor/stores/postgres.ts'
import { judgeRedis } from '../../../src/doctor/stores/redis.ts'
import { remoteFileSystem } from '../../../src/doctor/stores/sqlite.ts'
import { isTaken, judgeHearing } from '../../../src/doctor/token/judge.ts'
import { judgeRedirect } from '../../../src/doctor/upstream/forwarded.ts'
import { readOffered } from '../../../src/doctor/upstream/openapi.ts'
import { judgeDates } from '../../../src/doctor/wire/certificate.ts'
import { quickest } from '../../../src/doctor/wire/quickest.ts'
import { shown } from '../../../src/doctor/wire/shown.ts'
import { judgeSkew, offsetByDate, offsetOf } from '../../../src/doctor/wire/skew.ts'

const dayMs = 86_400_000

t.test(
  'a certificate is near its end in its last 14 days, or the last third of a shorter life',
  async (t) => {
    const judge = (lifeDays: number, leftDays: number): string =>
      judgeDates('it', { fromMs: (leftDays - lifeDays) * dayMs, toMs: leftDays * dayMs }, 0).verdict
    t.equal(judge(90, 14), 'ok')
    t.equal(judge(90, 13.9), 'warning')
    t.equal(judge(6, 2), 'ok')
    t.equal(judge(6, 1.9), 'warning')
    t.equal(judge(90, 0), 'problem')
    t.equal(judge(90, -1), 'problem')
    t.equal(judge(90, 91), 'problem', 'not yet')
  },
)

t.test('a clock is only off as far as the time that a question took cannot explain', async (t) => {
  const judge = (theirs: number, sentAtMs: number, heardAtMs: number): string =>
    judgeSkew('Its', offsetOf(theirs, { sentAtMs, heardAtMs }), 30_000).verdict
  t.equal(judge(10_000, 10_000, 10_000), 'ok')
  t.equal(judge(14_000, 10_000, 20_000), 'ok', 'slow, not wrong')
  t.equal(judge(21_000, 10_000, 20_000), 'ok')
  t.equal(judge(21_001, 10_000, 20_000), 'warning')
  t.equal(judge(8_999, 10_000, 20_000), 'warning')
  t.equal(judge(50_000, 10_000, 20_000), 'warning')
  t.equal(judge(50_001, 10_000, 20_000), 'problem')
  t.equal(judge(-20_001, 10_000, 20_000), 'problem')
})

t.test('a Date has whole seconds, and is some time old', async (t) => {
  const heard = { status: 200, body: '', tookMs: 0, sentAtMs: 10_000, heardAtMs: 10_000 }
  const date = (ms: number) => ({ date: new Date(ms).toUTCString() })
  t.strictSame(offsetByDate({ ...heard, headers: date(8000) }), { fromMs: -2000, toMs: 0 })
  t.equal(offsetByDate({ ...heard, headers: {} }), null)
  t.equal(offsetByDate({ ...heard, headers: { date: 'yesterday' } }), null)
})

t.test('what others send is one short line without controls', async (t) => {
  t.equal(shown('a\u001b[31m\r\nb\u202ec\u0000'), 'a [31m b c')
  t.equal(shown('ünï ✓'), 'ünï ✓')
  t.equal(shown('x'.repeat(500)).length, 161)
})

t.test('of an OpenAPI description only what can be asked without harm is taken', async (t) => {
  const security = [{ bearer: [] }]
  const required = [{ name: 'q', in: 'query', required: true }]
  const offered = readOffered({
    openapi: '3.1.0',
    paths: {
      '/items': { get: { security }, post: { security } },
      '/users/me': { get: { security } },
      '/posted': { post: { security } },
      '/items/{id}': { get: { security } },
      '/search': { get: { security, parameters: required } },
      '/shared': { parameters: required, get: { security } },
      '/auth/logout': { get: { security } },
      '/verify-email': { get: { security } },
      '/maybe': { get: { security: [{}, { bearer: [] }] } },
      '/health': { get: {} },
      '/own': { get: { parameters: [{ name: 'Authorization', in: 'header', required: true }] } },
      '//evil.test/me': { get: { security } },
      '/a b': { get: { security } },
      '/me\r\nX-Evil: 1': { get: { security } },
      '/%2e%2e/admin': { get: { security } },
      '/odd': null,
      '/odder': { get: 7 },
    },
  })
  t.strictSame(offered?.guarded, ['/users/me', '/own', '/items'])
  t.notOk(offered?.plain.some((path) => /[{%\s]|\/\//.test(path)))
})

t.test('security for all operations counts where one says nothing else', async (t) => {
  const paths = { '/a': { get: {} }, '/b': { get: { security: [] } } }
  t.strictSame(readOffered({ openapi: '3.1.0', security: [{ x: [] }], paths })?.guarded, ['/a'])
})

t.test('what is no OpenAPI description is none', async (t) => {
  for (const value of [null, 7, 'text', [], {}, { openapi: 3 }, { swagger: '2.0' }]) {
    t.equal(readOffered(value), null)
  }
  t.strictSame(readOffered({ openapi: '3.0.0', paths: [] }), { guarded: [], plain: [] })
})

t.test('a token is taken only where it gets further than a forged one', async (t) => {
  const said = (status: number, detail = '') => ({ status, detail })
  t.ok(isTaken(said(200), said(401)))
  t.ok(isTaken(said(404), said(403)))
  t.ok(isTaken(said(403, 'inactive'), said(403, 'bad token')))
  t.notOk(isTaken(said(403, 'bad token'), said(403, 'bad token')))
  t.notOk(isTaken(said(401, 'unknown user'), said(401, 'bad token')))
  t.notOk(isTaken(said(500), said(500)))
  const judged = (forged: number, ours: number) =>
    judgeHearing('/me', { bare: said(401), forged: said(forged), ours: said(ours) })
  t.equal(judged(401, 200)?.verdict, 'ok')
  t.equal(judged(200, 200)?.verdict, 'warning', 'believes anybody')
  t.equal(judged(404, 404)?.verdict, 'warning', 'looks for the user of anybody')
  t.equal(judged(500, 200)?.verdict, 'ok', 'an exception over a bad token is a refusal')
  t.equal(judged(401, 401), null)
})

t.test('a redirect shows what FastAPI believes', async (t) => {
  const judge = (location: string, publicUrl: string): string =>
    judgeRedirect(new URL(location), publicUrl).verdict
  t.equal(judge('https://app.test/x', 'https://app.test'), 'ok')
  t.equal(judge('http://app.test/x', 'https://app.test'), 'problem')
  t.equal(judge('http://app.test/x', 'http://app.test'), 'ok')
  t.equal(judge('https://10.0.0.7:8000/x', 'https://app.test'), 'warning')
})

t.test('network file systems are known by their numbers, on Linux', async (t) => {
  t.equal(remoteFileSystem(0x6969, 'linux'), 'NFS')
  t.equal(remoteFileSystem(0xff534d42 | 0, 'linux'), 'CIFS', 'also where the number came signed')
  t.equal(remoteFileSystem(0xef53, 'linux'), null)
  t.equal(remoteFileSystem(0x6969, 'darwin'), null)
})

t.test('a check that hangs, or fails, is a problem and holds nobody up', async (t) => {
  const findings = await runChecks(
    [
      { name: 'hangs', run: () => new Promise(() => undefined) },
      { name: 'fails', run: () => Promise.reject(new TypeError('oops')) },
      { name: 'works', run: () => ok('yes') },
    ],
    50,
  )
  t.match(findings, [
    { name: 'hangs', verdict: 'problem', seen: /did not end within 0\.05 s/ },
    { name: 'fails', verdict: 'problem', seen: /TypeError: oops/ },
    { name: 'works', verdict: 'ok' },
  ])
})

t.test('what several checks rest on is done once', async (t) => {
  let times = 0
  const work = once(async () => (times += 1))
  t.strictSame(await Promise.all([work(), work()]), [1, 1])
})

t.test('what is slow is a warning, and by the best of three tries', async (t) => {
  const redis = {
    version: '7.0.15',
    role: 'master',
    maxMemory: 0,
    eviction: 'noeviction',
    offset: { fromMs: 0, toMs: 0 },
  }
  t.equal(judgeRedis({ ...redis, latencyMs: 50 }, false, 50).verdict, 'ok')
  t.equal(judgeRedis({ ...redis, latencyMs: 51 }, false, 50).verdict, 'warning')
  const postgres = { version: '15', isReadOnly: false, mayCreate: true, closed: [] }
  const offset = { fromMs: 0, toMs: 0 }
  t.equal(judgePostgres({ ...postgres, offset, latencyMs: 50 }, 50).verdict, 'ok')
  t.equal(judgePostgres({ ...postgres, offset, latencyMs: 51 }, 50).verdict, 'warning')
  const unable = judgePostgres({ ...postgres, mayCreate: false, offset, latencyMs: 1 }, 50)
  t.match(unable, { verdict: 'warning', advice: /sallyport migrate/ })
  t.strictSame(slowFor(5000), { applicationMs: 1000, storeMs: 50 })
  const ticks = [0, 70, 100, 110, 200, 290]
  t.equal(await quickest(async () => undefined, { monotonic: () => ticks.shift() ?? NaN }), 10)
})
