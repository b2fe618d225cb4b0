import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { freePort, hasProgram, startProgram } from '../../helper/program.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { startLoad } from '../../helper/load.ts'
import { gatewayProcess, type GatewayProcess } from '../../helper/process.ts'

const restarts = 10

/** A gateway on ports of its own; HAProxy asks its `/readyz` and has a second to notice. */
async function startOne(
  t: Test,
  upstream: string,
  name: string,
): Promise<{ process: GatewayProcess; port: number; adminPort: number }> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const folder = join(t.testdirName, name)
  writeFileSync(
    join(folder, 'gateway.config.yaml'),
    `server: { listen: "127.0.0.1:${port}", publicUrl: "http://app.test", shutdown: { drain: 1s, grace: 5s } }
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

function haproxyFile(front: number, servers: readonly { port: number; adminPort: number }[]): string {
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
  { timeout: 115_000 },
  async (t) => {
    if (!hasProgram(t, 'haproxy', ['-v'])) return
    const folder = t.testdir({ one: {}, two: {} })
    const backend = await startBackend(t)
    const gateways = [
      await startOne(t, backend.url, 'one'),
      await startOne(t, backend.url, 'two'),
    ] as const
    const front = await freePort()
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(file, haproxyFile(front, gateways))
    startProgram(t, 'haproxy', ['-f', file, '-db'])
    await up(front)
    const token = mint(goodClaims({ exp: Math.floor(Date.now() / 1000) + 600 }))
    const allowed = {
      headers: { host: 'app.test', authorization: `Bearer ${token}` },
      expect: 200,
    }
    const refused = { headers: { host: 'app.test' }, expect: 401 }
    const load = startLoad(`http://127.0.0.1:${front}`, [allowed, allowed, allowed, allowed, refused])
    for (let round = 0; round < restarts; round += 1) {
      for (const { process, adminPort } of gateways) {
        const { code } = await process.stop()
        t.equal(code, 0)
        await process.start()
        await ready(adminPort)
      }
    }
    await load.stop()
    t.comment(`${load.tally.answered} requests during ${2 * restarts} restarts`)
    t.strictSame(load.tally.failures, [])
    t.ok(load.tally.answered > 1000)
  },
)

async function up(port: number): Promise<void> {
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${port}/api/x`).then(
      (reply) => reply.status,
      () => 503,
    )
    if (status !== 503) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Ready, and seen to be so: HAProxy asks every 100 ms. */
async function ready(adminPort: number): Promise<void> {
  const isReady = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
      (reply) => reply.ok,
      () => false,
    )
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 20))
  await new Promise((resolve) => setTimeout(resolve, 300))
}
