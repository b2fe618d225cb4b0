import { differences, median, percentile, type Figure, type Findings } from '../../figures.ts'
import { eventDelays, firstByteTimes } from '../../load/events.ts'
import type { Kind } from '../../peers/kinds.ts'
import { startStreaming } from '../../peers/streaming.ts'
import { round } from '../../report.ts'
import type { Lab } from '../../system/lab.ts'
import type { Programs } from '../../system/programs.ts'

const ms = 2000
const firsts = 200

interface Times {
  readonly delayP50: number
  readonly delayP99: number
  readonly firstP50: number
}

/** How much later events arrive, and the first byte of a stream. */
export async function events(lab: Lab, programs: Programs): Promise<Findings> {
  const { direct, nginx, cookie } = await startStreaming(lab, programs, 'events.ts', '/api/events')
  const kinds = [direct, ...(nginx === null ? [] : [nginx]), cookie]
  for (const kind of kinds) await measure(kind)
  const results = new Map(kinds.map(({ name }) => [name, [] as Times[]]))
  for (let turn = 0; turn < lab.rounds; turn += 1) {
    for (const kind of turn % 2 === 0 ? kinds : kinds.toReversed()) {
      results.get(kind.name)?.push(await measure(kind))
    }
  }
  const of = (name: string, value: keyof Times): readonly number[] =>
    (results.get(name) ?? []).map((times) => times[value])
  const added = (what: string, name: string, value: keyof Times): Figure => ({
    what: `${what} by ${name}`,
    values: differences(of(name, value), of('direct', value)),
    unit: 'ms',
    ...(results.has(name) ? {} : { missing: 'nginx is not installed' }),
  })
  const names = ['cookie', 'nginx']
  return {
    figures: [
      ...names.map((name) => added('delay of an event added, p50,', name, 'delayP50')),
      ...names.map((name) => added('delay of an event added, p99,', name, 'delayP99')),
      ...names.map((name) => added('first byte of a stream added, p50,', name, 'firstP50')),
    ],
    observations: {
      head: ['event streams through', 'delay p50 ms', 'delay p99 ms', 'first byte p50 ms'],
      rows: [...results.keys()].map((name) => [
        name,
        round(median(of(name, 'delayP50'))),
        round(median(of(name, 'delayP99'))),
        round(median(of(name, 'firstP50'))),
      ]),
    },
  }
}

async function measure({ target }: Kind): Promise<Times> {
  const delays = await eventDelays(target, ms)
  const first = await firstByteTimes({ ...target, url: `${target.url}/first` }, firsts)
  return {
    delayP50: percentile(delays, 0.5),
    delayP99: percentile(delays, 0.99),
    firstP50: percentile(first, 0.5),
  }
}
