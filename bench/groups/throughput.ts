import { request } from 'undici'
import {
  least,
  median,
  ratios,
  type Figure,
  type Findings,
  type Observations,
  type Target as Bound,
} from '../figures.ts'
import { createLoad, type Load, type Run } from '../load/load.ts'
import { startKinds, type Kind } from '../peers/kinds.ts'
import { startUpstream } from '../peers/upstream.ts'
import { round } from '../report.ts'
import type { Lab } from '../system/lab.ts'
import { cpuTime, cpuTimeSince } from '../system/proc.ts'
import type { Programs } from '../system/programs.ts'

interface Measured extends Run {
  /** Of all processes of the kind, microseconds. */
  readonly cpuPerRequestUs: number
  /** Time that the kind waited for its processor, in parts of the time it had it. */
  readonly waited: number
}

type Results = ReadonlyMap<string, readonly Measured[]>

/** Requests a second through everything, in turns. */
export async function throughput(lab: Lab, programs: Programs): Promise<Findings> {
  const kinds = await startKinds(lab, programs, await startUpstream(lab, programs))
  await mustAuthenticate(kinds)
  const load = createLoad(programs)
  for (const { target } of kinds) await load(target)
  const results = new Map(kinds.map(({ name }) => [name, [] as Measured[]]))
  for (let turn = 0; turn < lab.rounds; turn += 1) {
    // Forwards and backwards in turn, so that what drifts with time favours nobody.
    for (const kind of turn % 2 === 0 ? kinds : kinds.toReversed()) {
      results.get(kind.name)?.push(await measure(kind, load))
    }
  }
  return { figures: figuresOf(results), observations: observationsOf(results) }
}

async function measure({ target, pids }: Kind, load: Load): Promise<Measured> {
  const before = cpuTime(pids)
  const run = await load(target)
  const { used, waited } = cpuTimeSince(before, pids)
  return { ...run, cpuPerRequestUs: used / run.requests, waited: waited / used }
}

/** Whoever is measured with a credential must refuse without one. */
async function mustAuthenticate(kinds: readonly Kind[]): Promise<void> {
  for (const { name, target } of kinds) {
    const { cookie, authorization, ...headers } = target.headers
    if (cookie === undefined && authorization === undefined) continue
    const { statusCode, body } = await request(target.url, { headers })
    await body.dump()
    if (statusCode !== 401) throw new Error(`${name} answered ${statusCode} without a credential`)
  }
}

function figuresOf(results: Results): readonly Figure[] {
  const perSecond = (name: string): readonly number[] =>
    (results.get(name) ?? []).map(({ requestsPerSecond }) => requestsPerSecond)
  const ratio = (of: string, to: string, target?: Bound): Figure => ({
    what: `${of} / ${to}, requests/s`,
    values: ratios(perSecond(of), perSecond(to)),
    ...(results.has(to) ? {} : { missing: `${to} is not installed` }),
    ...(target === undefined ? {} : { target }),
  })
  const slower = median(perSecond('cookie')) < median(perSecond('bearer')) ? 'cookie' : 'bearer'
  return [
    ratio('none', 'direct'),
    ratio('none', 'nginx'),
    ratio('none', 'node:http + undici'),
    ratio('cookie', 'none', least(0.9, 0.95)),
    ratio('bearer', 'none', least(0.9, 0.95)),
    ratio(slower, 'nginx + checker', least(1, 1.5)),
    ratio(slower, 'nginx + checker, no keep-alive', least(3, 4)),
    ratio(slower, 'Caddy + checker', least(4, 5)),
    ratio(slower, 'Caddy', least(1.5, 2)),
    ratio(slower, 'nginx', least(0.33, 0.5)),
  ]
}

function observationsOf(results: Results): Observations {
  const of = (name: string, value: (run: Measured) => number): number =>
    median((results.get(name) ?? []).map(value))
  const relative = (name: string, value: (run: Measured) => number): string =>
    results.has('nginx') ? round(of(name, value) / of('nginx', value)) : ''
  const perSecond = (run: Measured): number => run.requestsPerSecond
  const cpu = (run: Measured): number => run.cpuPerRequestUs
  return {
    head: [
      ...['through', 'requests/s', 'relative to nginx', 'CPU µs per request'],
      ...['relative to nginx', 'p50 ms', 'p99 ms', 'waited for the processor'],
    ],
    rows: [...results.keys()].map((name) => [
      name,
      of(name, perSecond).toFixed(0),
      relative(name, perSecond),
      name === 'direct' ? '' : round(of(name, cpu)),
      name === 'direct' ? '' : relative(name, cpu),
      round(of(name, (run) => run.p50Ms)),
      round(of(name, (run) => run.p99Ms)),
      name === 'direct' ? '' : `${(of(name, (run) => run.waited) * 100).toFixed(0)} %`,
    ]),
  }
}
