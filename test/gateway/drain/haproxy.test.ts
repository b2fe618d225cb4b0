import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { freePort, hasProgram, startProgram } from '../../helper/program.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { startLoad } from '../../helper/load.ts'
import { gatewayProcess, type GatewayProcess } from '../../helper/process.ts'

const restarts = 10

/** A gateway on ports of its own; HAProxy asks its `/readyz` and has 600 ms to notice. */
async function startOne(
  t: Test,
  upstream: string,
  name: string,
): Promise<{ process: GatewayProcess; port: number; adminPort: number }> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const folder = join(t.testdirName, name)
  writeFileSync(
    join(folder, 'gateway.config.yaml'),
    `server: { listen: "127.0.0.1:${port}", publicUrl: "http://app.test", shutdown: { drain: 600ms, grace: 5s } }
admin: { listen: "127.0.0.1:${adminPort}" }
auth: { signUp: open, database: "sqlite:./auth.db" }
upstreams: { api: "${upstream}" }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]
`,
  )
  const process = gatewayProcess(t, folder)
  await process.start()
  return { process, port, adminPort }
}

function haproxyFile(
  front: number,
  stats: number,
  servers: readonly { port: number; adminPort: number }[],
): string {
  const lines = servers.map(
    ({ port, adminPort }, index) =>
      `  server g${index} 127.0.0.1:${port} check port ${adminPort} inter 100ms fall 1 rise 1`,
  )
  return `global
  maxconn 1000
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  timeout check 5s
frontend s
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /
frontend f
  bind 127.0.0.1:${front}
  default_backend b
backend b
  balance roundrobin
  option redispatch
  option httpchk GET /readyz
${lines.join('\n')}
`
}

t.test(
  'two gateways behind HAProxy, each restarted ten times under load: no request fails',
  { timeout: 230_000 },
  async (t) => {
    if (!hasProgram(t, 'haproxy', ['-v'])) return
    const folder = t.testdir({ one: {}, two: {} })
    const backend = await startBackend(t)
    const gateways = [
      await startOne(t, backend.url, 'one'),
      await startOne(t, backend.url, 'two'),
    ] as const
    const [front, stats] = [await freePort(), await freePort()]
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(file, haproxyFile(front, stats, gateways))
    startProgram(t, 'haproxy', ['-f', file, '-db'])
    await bothUp(stats)
    const token = mint(goodClaims({ exp: Math.floor(Date.now() / 1000) + 600 }))
    const allowed = {
      headers: { host: 'app.test', authorization: `Bearer ${token}` },
      expect: 200,
    }
    const refused = { headers: { host: 'app.test' }, expect: 401 }
    const load = startLoad(`http://127.0.0.1:${front}`, [
      allowed,
      allowed,
      allowed,
      allowed,
      refused,
    ])
    for (let round = 0; round < restarts; round += 1) {
      for (const { process } of gateways) {
        const { code } = await process.stop()
        t.equal(code, 0)
        await process.start()
        await bothUp(stats)
      }
    }
    await load.stop()
    t.comment(`${load.tally.answered} requests during ${2 * restarts} restarts`)
    t.strictSame(load.tally.failures, [])
    t.ok(load.tally.answered > 1000)
  },
)

/** Resolves when HAProxy sees both gateways up. */
async function bothUp(stats: number): Promise<void> {
  for (;;) {
    const csv = await fetch(`http://127.0.0.1:${stats}/;csv`).then(
      (reply) => reply.text(),
      () => '',
    )
    if ((csv.match(/^b,g\d,.*?,UP,/gm) ?? []).length === 2) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
