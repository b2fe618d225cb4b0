import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startLoad } from '../../helper/load.ts'
import { gatewayProcess } from '../../helper/process.ts'
import { goodClaims, mint } from '../../helper/token.ts'

const yaml = (upstream: string, routes: string): string => `
server: { listen: "127.0.0.1:0", publicUrl: "http://app.test" }
admin: none
auth: { signUp: open, database: "sqlite:./auth.db" }
upstreams: { api: "${upstream}" }
routes:
${routes}`

const protectedRoute = '  - { name: api, match: { path: /api/* }, upstream: api }\n'
// What an operator might write by mistake, with and without a hole in it.
const invalid = [
  '  - { name: api, match: { path: /api/* }, upstream: api, auth: nonee }\n',
  '  - { name: api, match: { path: /api/* }, upstream: nowhere, auth: none }\n',
  '  - { name: api, match: { path: /api/* }, upstream: api, auth: none }\n  - {',
  '  - { name: a, match: { path: /api/* }, upstream: api, auth: none }\n  - { name: a, match: { path: /b }, upstream: api }\n',
  '',
]

t.test(
  'ten reloads under load, alternately valid and invalid: no request fails, no invalid one counts',
  async (t) => {
    const backend = await startBackend(t)
    const folder = t.testdir({ 'gateway.config.yaml': yaml(backend.url, protectedRoute) })
    const file = join(folder, 'gateway.config.yaml')
    const gateway = gatewayProcess(t, folder)
    await gateway.start()
    const { listen } = gateway.log.find(({ msg }) => msg === 'listening') as { listen: string }
    const headers = { host: 'app.test', authorization: `Bearer ${mint(goodClaims())}` }
    const load = startLoad(listen, [
      ...Array.from({ length: 8 }, () => ({ headers, expect: 200 })),
      ...Array.from({ length: 8 }, () => ({ headers: { host: 'app.test' }, expect: 401 })),
    ])
    for (let round = 0; round < 5; round += 1) {
      const more = `  - { name: more, match: { path: /more/${String(round)} }, upstream: api, auth: none }\n`
      writeFileSync(file, yaml(backend.url, protectedRoute + more))
      gateway.signal('SIGHUP')
      await gateway.logged(/^configuration applied$/, round + 1)
      const reply = await fetch(`${listen}/more/${String(round)}`, {
        headers: { host: 'app.test' },
      })
      await reply.body?.cancel()
      writeFileSync(file, yaml(backend.url, invalid[round] ?? ''))
      gateway.signal('SIGHUP')
      await gateway.logged(/^configuration refused/, round + 1)
    }
    await load.stop()
    t.comment(`${load.tally.answered} requests during ten reloads`)
    t.strictSame(load.tally.failures, [])
    t.ok(load.tally.answered > 100)
    const said = gateway.log.filter(({ log }) => log !== 'audit')
    const reasons = said.filter(({ reason }) => reason !== undefined)
    t.equal(reasons.length, 5)
    for (const { reason } of reasons) t.match(reason, /gateway\.config\.yaml:\d+:\d+/)
    t.match(await gateway.stop(), { code: 0 })
  },
)
