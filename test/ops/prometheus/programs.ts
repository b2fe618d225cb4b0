import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from '../../helper/program.ts'
import { findProgram, missing } from '../../helper/servers/installed.ts'

const wanted = 'no Prometheus: install the package "prometheus", which brings promtool'

/** Runs promtool and gives back what it said; null where there is none, and then the test is skipped aloud or fails with `CI=true`. */
export function promtool(t: Test, args: readonly string[], input?: string): string | null {
  const program = findProgram('promtool', [])
  if (program === null) return missing(t, wanted)
  const stdio = ['pipe', 'pipe', 'pipe'] as const
  try {
    const { root } = paths
    return execFileSync(program, args, {
      input: input ?? '',
      encoding: 'utf8',
      cwd: root,
      stdio: [...stdio],
    })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`)
  }
}

export const paths = { root: join(import.meta.dirname, '../../..') }

/** A value that a query found. */
export interface Found {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

export interface TestPrometheus {
  /** Rejects with what Prometheus says of a query that it cannot parse. */
  readonly query: (expression: string) => Promise<readonly Found[]>
}

/** A Prometheus of its own that scrapes these admin listeners every half second; ended with the test. Null as with `promtool`. */
export async function startPrometheus(
  t: Test,
  targets: readonly string[],
): Promise<TestPrometheus | null> {
  const program = findProgram('prometheus', [])
  if (program === null) return missing(t, wanted)
  const folder = t.testdir()
  const file = join(folder, 'prometheus.yml')
  writeFileSync(
    file,
    `global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs: [{ job_name: sallyport, static_configs: [{ targets: ${JSON.stringify(targets)} }] }]
`,
  )
  const url = `127.0.0.1:${String(await freePort())}`
  const data = `--storage.tsdb.path=${join(folder, 'data')}`
  const child = spawn(program, [`--config.file=${file}`, `--web.listen-address=${url}`, data], {
    stdio: 'ignore',
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const isReady = async (): Promise<boolean> =>
    (await fetch(`http://${url}/-/ready`).catch(() => null))?.ok === true
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error('Prometheus did not start')
    await sleep(50)
  }
  return { query: (expression) => query(`http://${url}`, expression) }
}

async function query(url: string, expression: string): Promise<readonly Found[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)
  const body = (await answer.json()) as {
    readonly status: string
    readonly error?: string
    readonly data?: {
      readonly result: readonly {
        readonly metric: Record<string, string>
        readonly value: readonly [number, string]
      }[]
    }
  }
  if (body.status !== 'success') throw new Error(`${expression}: ${String(body.error)}`)
  return (body.data?.result ?? []).map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
}
