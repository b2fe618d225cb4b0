import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { junit, json, tap } from '../../src/attack/report/machine.ts'
import { text } from '../../src/attack/report/text.ts'
import { plan } from '../../src/attack/plan.ts'
import { runCases } from '../../src/attack/run.ts'
import { openStage } from '../../src/attack/stage/stage.ts'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import { root, secrets } from '../cli/run.ts'
import { attack, configOf, everything, names, reflect, startNaive } from './parts.ts'

t.test('a gateway of everything that there is a case for holds', async (t) => {
  const results = await attack(t, configOf(t, everything))
  t.strictSame(names(results, 'broken'), [])
  t.strictSame(names(results, 'open'), [])
  t.strictSame(names(results, 'not judged'), [])
})

const examples = ['minimal', 'remote', 'existing-fastapi-login', 'who-may-what', 'bearer-only']

for (const example of examples) {
  t.test(`config/examples/${example}.yaml holds, with everything outside replaced`, async (t) => {
    const file = join(root, `config/examples/${example}.yaml`)
    const env = { ...secrets, JWT_SECRET_OLD: 'w3Rk8Tz1mBc6Fd9Hj2Yp4Ns7Gq0Vn5Lx-older' }
    const results = await attack(t, loadConfig({ file, env }).config)
    t.strictSame(names(results, 'broken'), [])
    t.ok(names(results, 'held').length > 200)
  })
}

t.test('what a route opens itself is said of the key that says it', async (t) => {
  const yaml = `
server: { listen: "127.0.0.1:0", publicUrl: "http://app.test" }
auth: { signUp: closed }
upstreams: { api: "http://127.0.0.1:9" }
routes:
  - { name: old, match: { path: /old/* }, upstream: api, auth: { mode: none, forwardAuthorization: true } }
  - { name: api, match: { path: /api/* }, upstream: api, enforce: false }
`
  const results = await attack(t, configOf(t, yaml))
  t.strictSame(names(results, 'broken'), [])
  const keys = results.flatMap(({ finding }) =>
    finding.verdict === 'open' ? [finding.opening.key] : [],
  )
  t.strictSame([...new Set(keys)].sort(), [
    'routes[0].auth.forwardAuthorization',
    'routes[1].enforce',
  ])
  t.ok(names(results, 'open').includes('control/nobody@api'))
})

t.test('the same configuration has the same cases, each once', async (t) => {
  const config = configOf(t, everything)
  const lists = []
  for (const _time of [1, 2]) {
    const range = await openStage(config, systemClock)
    lists.push(plan(range.ground, { only: null, run: 'attack00' }).cases.map(({ name }) => name))
    await range.close()
  }
  t.strictSame(lists[0], lists[1])
  t.equal(new Set(lists[0]).size, lists[0]!.length)
})

t.test('no report holds a secret, nor a credential that was made with one', async (t) => {
  const config = configOf(t, everything)
  const range = await openStage(config, systemClock, (upstream) => startNaive(upstream, reflect))
  t.teardown(() => range.close())
  const { cases, unreached, leftOut } = plan(range.ground, { only: 's/', run: 'attack00' })
  const results = await runCases(cases, range)
  const { masks } = range.ground.forge
  const placeOf = (key: string): string => key
  const all = {
    file: 'x.yaml',
    running: null,
    run: 'attack00',
    results,
    unreached,
    leftOut,
    masks,
    placeOf,
  }
  for (const report of [text, json, tap, junit]) {
    const said = report(all)
    t.ok(results.length > 300 && said.length > 100_000)
    for (const secret of Object.values(secrets)) t.notOk(said.includes(secret))
    t.notMatch(said, /eyJ[\w-]{10,}\.[\w-]{10,}/)
    t.notMatch(said, /session_token=[^<;\s"\\&]{8,}\.[\w%/+]{20,}/)
    t.match(said, /token: alg none|&lt;token: alg none/)
  }
})

t.test('the catalogue names what every case is about', async (t) => {
  const range = await openStage(configOf(t, everything), systemClock)
  t.teardown(() => range.close())
  for (const each of plan(range.ground, { only: null, run: 'attack00' }).cases) {
    for (const said of [each.title, each.story, each.reference, each.expect.words]) {
      t.ok(said.length > 2, each.name)
    }
    t.equal(each.requestId.length, 16)
  }
  t.match(readFileSync(join(root, 'SECURITY.md'), 'utf8'), /vulnerab/i, 'where to report')
})
