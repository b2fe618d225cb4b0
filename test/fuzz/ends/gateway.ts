import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { authSecret, jwtSecret } from '../../helper/token.ts'
import type { Table } from '../../routing/starlette/tables.ts'

/** A gateway in a process of its own. */
export interface Gateway {
  readonly url: string
  /** Why it ended, or null while it lives. */
  readonly death: () => string | null
  /** Errors that it has logged since the last time: each is a bug. */
  readonly takeBugs: () => readonly string[]
  /** Resident memory, bytes; 0 where that cannot be known. */
  readonly memory: () => number
  readonly stop: () => void
}

/** Starts the gateway as a user does, with the routes of a table. */
export async function startGateway(upstream: string, table: Table): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-fuzz-'))
  writeFileSync(join(folder, 'gateway.config.yaml'), toYaml(upstream, table))
  const cli = join(import.meta.dirname, '../../../src/sallyport.js')
  const child = spawn(process.execPath, [cli, 'start'], {
    cwd: folder,
    env: { ...process.env, BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret },
  })
  let bugs: string[] = []
  const end = { death: null as string | null }
  let tail = ''
  child.stderr.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-4000)))
  child.once('exit', (code, signal) => {
    end.death = `the gateway ended with ${String(code ?? signal)}: ${tail}`
    rmSync(folder, { recursive: true, force: true })
  })
  const listening = new Promise<string>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const { level, listen } = readLog(line)
      if (typeof listen === 'string') resolve(listen)
      if (level >= 50) bugs.push(line.slice(0, 2000))
    })
  })
  const url = await Promise.race([listening, once(child, 'exit').then(() => '')])
  if (url === '') throw new Error(end.death ?? 'the gateway did not start')
  return {
    url,
    death: () => end.death,
    takeBugs: () => {
      const taken = bugs
      bugs = []
      return taken
    },
    memory: () => memoryOf(child.pid),
    stop: () => child.kill('SIGKILL'),
  }
}

function readLog(line: string): { readonly level: number; readonly listen: unknown } {
  try {
    const { level, listen } = JSON.parse(line) as Record<string, unknown>
    return { level: Number(level), listen }
  } catch {
    return { level: 0, listen: null }
  }
}

function memoryOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8')
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  } catch {
    return 0
  }
}

function toYaml(upstream: string, table: Table): string {
  const routes = table.map(({ path, methods, allow, mode }, index) =>
    JSON.stringify({
      name: `r${index}`,
      match: { path, allow, ...(methods === null ? {} : { methods }) },
      upstream: 'api',
      auth: mode,
      ...(path.startsWith('/api/users') && methods === null ? { websocket: true } : {}),
    }),
  )
  return `server: { listen: "127.0.0.1:0", publicUrl: "http://app.test", trustedProxies: [127.0.0.1], limits: { requestsPerClient: 4096, connections: 16384 } }
auth: { signUp: open, database: "sqlite:./auth.db" }
identity: { headers: { X-User-Id: user.id, X-User-Email: user.email } }
upstreams: { api: "${upstream}" }
routes:
${routes.map((route) => `  - ${route}`).join('\n')}
`
}
