import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../deploy/demo/launch/ports.ts'
import { differences, median, most, type Figure, type Findings } from '../figures.ts'
import { createLoad, type Target } from '../load/load.ts'
import { paced, type Times } from '../load/paced.ts'
import { host } from '../peers/callers.ts'
import { startKeptNginx } from '../peers/nginx.ts'
import { startSallyport } from '../peers/sallyport.ts'
import { round } from '../report.ts'
import type { Lab } from '../system/lab.ts'
import { loadCpu, startProgram } from '../system/processes.ts'
import type { Programs } from '../system/programs.ts'

const seconds = 4

/** What is added to the answers of a real uvicorn that is asked for half of what it can do. */
export async function latency(lab: Lab, programs: Programs): Promise<Findings> {
  if (programs.python === null) return { figures: figuresOf(null, 'no Python with FastAPI') }
  const upstream = await startUvicorn(lab, programs.python)
  const targets = await targetsOf(lab, programs, upstream)
  const load = createLoad(programs)
  const direct: Target = { url: `${upstream}/api/items`, headers: {} }
  const capacity: number[] = []
  for (let second = 0; second < 3; second += 1) {
    capacity.push((await load(direct)).requestsPerSecond)
  }
  for (const target of targets.values()) await load(target)
  const perSecond = Math.floor(median(capacity) / 2)
  const results = new Map([...targets.keys()].map((name) => [name, [] as Times[]]))
  for (let turn = 0; turn < lab.rounds; turn += 1) {
    for (const [name, target] of targets) {
      results.get(name)?.push(await paced(target, perSecond, seconds))
    }
  }
  return {
    figures: figuresOf(results, null),
    observations: {
      head: [`at ${perSecond} requests/s`, 'p50 ms', 'p99 ms'],
      rows: [...results].map(([name, times]) => [
        name,
        round(median(times.map(({ p50Ms }) => p50Ms))),
        round(median(times.map(({ p99Ms }) => p99Ms))),
      ]),
    },
  }
}

async function startUvicorn(lab: Lab, python: string): Promise<string> {
  const port = await findFreePort()
  const script = fileURLToPath(new URL('../parts/app.py', import.meta.url))
  lab.keep(await startProgram(python, [script, String(port)], port, { cpu: loadCpu }))
  return `http://127.0.0.1:${port}`
}

async function targetsOf(
  lab: Lab,
  { nginx: program }: Programs,
  upstream: string,
): Promise<ReadonlyMap<string, Target>> {
  const targets = new Map<string, Target>([
    ['direct', { url: `${upstream}/api/items`, headers: {} }],
  ])
  if (program !== null) {
    const { url } = await startKeptNginx(lab, program, upstream)
    targets.set('nginx', { url: `${url}/api/items`, headers: {} })
  }
  const { url, caller } = await startSallyport(lab, { upstream })
  targets.set('cookie', { url: `${url}/api/items`, headers: { host, cookie: caller.cookie } })
  return targets
}

function figuresOf(
  results: ReadonlyMap<string, readonly Times[]> | null,
  missing: string | null,
): readonly Figure[] {
  const added = (name: string, value: (times: Times) => number): readonly number[] =>
    differences((results?.get(name) ?? []).map(value), (results?.get('direct') ?? []).map(value))
  const p50 = (times: Times): number => times.p50Ms
  const p99 = (times: Times): number => times.p99Ms
  const reason = missing === null ? {} : { missing }
  const ours: readonly Figure[] = [
    {
      what: 'p50 added to uvicorn at half its capacity',
      values: added('cookie', p50),
      unit: 'ms',
      target: most(0.5, 0.25),
      ...reason,
    },
    {
      what: 'p99 added to uvicorn at half its capacity',
      values: added('cookie', p99),
      unit: 'ms',
      target: most(3, 1),
      ...reason,
    },
  ]
  if (results?.has('nginx') !== true) return ours
  return [
    ...ours,
    { what: 'p50 that nginx adds', values: added('nginx', p50), unit: 'ms' },
    { what: 'p99 that nginx adds', values: added('nginx', p99), unit: 'ms' },
  ]
}
