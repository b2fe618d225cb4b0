import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { freePort } from '../../test/helper/program.ts'

export const host = 'app.test'

/** Two gateway processes that share what the stores are, with one upstream behind them. */
export interface Installation {
  readonly nodes: readonly [Pool, Pool]
  readonly close: () => Promise<void>
}

export interface Stores {
  readonly database: string
  /** null: none. */
  readonly redis: string | null
}

const root = join(import.meta.dirname, '../..')

// A password is no subject here, and a thousand scrypt hashes would take their time.
const module = `export default { emailAndPassword: { password: {
  hash: async (password) => password, verify: async ({ hash, password }) => hash === password } } }`

export async function startInstallation(stores: Stores): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  writeFileSync(join(folder, 'auth.ts'), module)
  const upstream = createHttpServer((_request, response) => response.end('{}')).listen(
    0,
    '127.0.0.1',
  )
  await once(upstream, 'listening')
  const upstreamPort = (upstream.address() as AddressInfo).port
  const ports = [await freePort(), await freePort()] as const
  const children = ports.map((port) => {
    const file = join(folder, `${port}.yaml`)
    writeFileSync(file, toYaml(port, upstreamPort, stores))
    return startGateway(file)
  })
  const nodes = ports.map((port) => new Pool(`http://127.0.0.1:${port}`)) as unknown as [Pool, Pool]
  for (const node of nodes) await untilUp(node)
  return {
    nodes,
    close: async () => {
      for (const node of nodes) await node.destroy()
      for (const child of children) {
        child.kill('SIGTERM')
        if (child.exitCode === null) await once(child, 'exit')
      }
      upstream.closeAllConnections()
      upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function toYaml(port: number, upstreamPort: number, { database, redis }: Stores): string {
  return `server: { listen: "127.0.0.1:${port}", publicUrl: "http://${host}", trustedProxies: [127.0.0.1], shutdown: { grace: 1s } }
admin: none
auth: { database: "${database}", signUp: open, module: ./auth.ts }
${redis === null ? '' : `redis: ${redis}`}
upstreams: { api: "http://127.0.0.1:${upstreamPort}" }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]
`
}

function startGateway(config: string): ChildProcess {
  const secrets = {
    BETTER_AUTH_SECRET: 'bench-q9Xv2mLr7TzWc4KpYh8NsBd3FgJe6Aa',
    JWT_SECRET: 'bench-Zk5RtUw8QnXe2VbMp7LsHc4YdGf9Jx3',
  }
  return spawn(process.execPath, [join(root, 'src/sallyport.js'), 'start', '--config', config], {
    env: { ...process.env, ...secrets, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function untilUp(node: Pool): Promise<void> {
  for (;;) {
    const answer = await node
      .request({ path: '/_gateway/session', method: 'GET', headers: { host } })
      .catch(() => null)
    await answer?.body.dump()
    if (answer?.statusCode === 200) return
    await pause(50)
  }
}
