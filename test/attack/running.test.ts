import t from 'tap'
import { plan } from '../../src/attack/plan.ts'
import { runCases } from '../../src/attack/run.ts'
import { aimAtRunning, loopbackOf } from '../../src/attack/stage/running.ts'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import { startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'
import { minimal, run, secrets } from '../cli/run.ts'
import { names } from './parts.ts'

t.test('only addresses of this machine alone are fired at', async (t) => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost']) t.equal(loopbackOf(host), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '192.168.1.2', 'example.com', '128.0.0.1']) {
    t.equal(loopbackOf(host), null, host)
  }
  for (const host of [
    '127.0.0.1.evil.test',
    '127.evil.test',
    '::ffff:10.0.0.1',
    'localhost.',
    '',
  ]) {
    t.equal(loopbackOf(host), null, host)
  }
})

t.test(
  'a running gateway is asked for nothing that changes it, with no secret of its own',
  async (t) => {
    const backend = await startBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url })
    const file = `${gateway.folder}/gateway.config.yaml`
    const { config } = loadConfig({ file, env: secrets })
    const port = Number(new URL(gateway.url).port)
    const listen = { host: '127.0.0.1', port }
    const range = aimAtRunning({ ...config, server: { ...config.server, listen } }, systemClock)
    const { cases, leftOut } = plan(range.ground, { only: null, run: range.run })
    t.ok(cases.length > 100 && leftOut > cases.length)
    const results = await runCases(cases, range)
    t.strictSame(names(results, 'broken'), [])
    const methods = new Set(gateway.records.map(({ method }) => method))
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) t.notOk(methods.has(method), method)
    const said = cases.map(({ shot }) => shot.bytes).join('\n')
    t.notMatch(said, /typ.{0,9}sallyport\+jwt/)
    t.ok(cases.every(({ isSigned }) => isSigned !== true))
    t.ok(
      backend.seen.every(({ headers }) => headers['x-user-id'] === undefined),
      'nobody comes in',
    )
    const ours = gateway.records.filter(({ requestId }) => requestId.startsWith(`${range.run}-`))
    t.ok(ours.length > 100, 'logs have the cases by their request ids')
  },
)

t.test('what is used up or away is not judged', async (t) => {
  const gateway = await startGateway(t, {
    upstream: 'http://127.0.0.1:9',
    routes: `
  - { name: api, match: { path: /api/* }, upstream: api, rateLimit: { requests: 1, per: 1h, by: ip } }`,
  })
  const { config } = loadConfig({ file: `${gateway.folder}/gateway.config.yaml`, env: secrets })
  const listen = { host: '127.0.0.1', port: Number(new URL(gateway.url).port) }
  const range = aimAtRunning({ ...config, server: { ...config.server, listen } }, systemClock)
  const { cases } = plan(range.ground, { only: 'methods/', run: range.run })
  const results = await runCases(cases, range)
  t.strictSame(names(results, 'broken'), [])
  const limited = results.filter(({ finding }) => finding.verdict === 'not judged')
  t.ok(limited.length > 2)
  t.match(limited[0], { finding: { reason: /429 rate_limited/ } })
})

t.test('the command says what is wrong with how it was used', async (t) => {
  const cwd = t.testdir({
    'gateway.config.yaml': minimal.replace('127.0.0.1:0', '0.0.0.0:21999'),
    'away.yaml': minimal.replace('127.0.0.1:0', '127.0.0.1:9'),
  })
  const open = await run(cwd, ['attack', '--running'])
  t.equal(open.code, 2)
  t.match(open.err, /0\.0\.0\.0 is not a loopback address/)
  const away = await run(cwd, ['attack', '--running', '--config', 'away.yaml'])
  t.equal(away.code, 1)
  t.match(away.err, /nobody answers at 127\.0\.0\.1:9 \(ECONNREFUSED\)/)
  const unknown = await run(cwd, ['attack', '--only', 'no such case'])
  t.equal(unknown.code, 2)
  const both = await run(cwd, ['attack', '--json', '--tap'])
  t.equal(both.code, 2)
})
