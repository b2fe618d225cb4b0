import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'
import { root, secrets } from '../cli/run.ts'

/** A gateway in a process of its own, as an operator runs it. */
export interface GatewayProcess {
  readonly start: () => Promise<void>
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
    start: async () => {
      const starts = log.filter(({ msg }) => msg === 'listening').length
      child = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'start'], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', ...secrets },
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
