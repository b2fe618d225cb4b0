import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { root, secrets } from '../cli/run.ts'
import { bareEnv } from './program.ts'

/** A gateway in a process of its own, as an operator runs it. */
export interface GatewayProcess {
  readonly start: () => Promise<void>
  readonly pid: () => number
  /** Sends SIGTERM; resolves with the exit code and how long it took, milliseconds. */
  readonly stop: () => Promise<{ code: number | null; tookMs: number }>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Log lines so far, parsed. */
  readonly log: readonly Record<string, unknown>[]
  /** Resolves when so many lines with this message have been logged. */
  readonly logged: (message: RegExp, count?: number) => Promise<void>
}

/** Runs `sallyport start` on the `gateway.config.yaml` of a folder, and kills what is left when the test ends. */
export function gatewayProcess(t: Test, folder: string): GatewayProcess {
  const log: Record<string, unknown>[] = []
  let child: ChildProcess | null = null
  const logged = async (message: RegExp, count = 1): Promise<void> => {
    while (log.filter(({ msg }) => message.test(String(msg))).length < count) {
      if (child?.exitCode !== null) throw new Error(`the gateway has ended: ${JSON.stringify(log)}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  t.teardown(() => child?.kill('SIGKILL'))
  return {
    log,
    logged,
    signal: (signal) => child?.kill(signal),
    pid: () => child?.pid ?? NaN,
    start: async () => {
      const starts = log.filter(({ msg }) => msg === 'listening').length
      child = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'start'], {
        cwd: folder,
        env: { ...bareEnv, ...secrets },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let rest = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) log.push(JSON.parse(line) as Record<string, unknown>)
      })
      await logged(/^listening$/, starts + 1)
    },
    stop: async () => {
      const before = performance.now()
      child?.kill('SIGTERM')
      const [code] = child === null ? [null] : ((await once(child, 'exit')) as [number | null])
      return { code, tookMs: performance.now() - before }
    },
  }
}

export interface Alone {
  readonly url: string
  readonly pid: number
}

/** A gateway in a process of its own, so that what it takes can be told from what the test takes. */
export async function startAlone(t: Test, upstream: string, routes: string): Promise<Alone> {
  const folder = t.testdir({})
  writeFileSync(
    join(folder, 'gateway.config.yaml'),
    `server: { listen: "127.0.0.1:0", publicUrl: "http://app.test" }
admin: none
auth: { signUp: open, database: "sqlite:./auth.db" }
upstreams: { api: "${upstream}" }
routes:
${routes}`,
  )
  const gateway = gatewayProcess(t, folder)
  await gateway.start()
  const { listen } = gateway.log.find(({ msg }) => msg === 'listening') as { listen: string }
  return { url: listen, pid: gateway.pid() }
}

/** The resident set of a process, bytes; 0 where there is no `/proc` to tell. */
export function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  } catch {
    return 0
  }
}
