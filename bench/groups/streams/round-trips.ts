import { least, median, ratios, type Findings } from '../../figures.ts'
import { countRoundTrips, openWebSockets } from '../../load/websockets.ts'
import type { Kind } from '../../peers/kinds.ts'
import { startStreaming } from '../../peers/streaming.ts'
import { round } from '../../report.ts'
import type { Lab } from '../../system/lab.ts'
import { cpuTime, cpuTimeSince } from '../../system/proc.ts'
import type { Programs } from '../../system/programs.ts'

const connections = 64
const ms = 1000

interface RoundTrips {
  readonly perSecond: number
  readonly cpuUs: number
}

/** Messages there and back through WebSockets, a second. */
export async function roundTrips(lab: Lab, programs: Programs): Promise<Findings> {
  const { direct, nginx, cookie } = await startStreaming(lab, programs, 'echo.ts', '/api/ws')
  const kinds = [direct, ...(nginx === null ? [] : [nginx]), cookie]
  for (const kind of kinds) await measure(kind)
  const results = new Map(kinds.map(({ name }) => [name, [] as RoundTrips[]]))
  for (let turn = 0; turn < lab.rounds; turn += 1) {
    for (const kind of turn % 2 === 0 ? kinds : kinds.toReversed()) {
      results.get(kind.name)?.push(await measure(kind))
    }
  }
  const of = (name: string, value: keyof RoundTrips): readonly number[] =>
    (results.get(name) ?? []).map((each) => each[value])
  return {
    figures: [
      {
        what: 'WebSocket round trips/s: cookie / nginx',
        values: ratios(of('cookie', 'perSecond'), of('nginx', 'perSecond')),
        target: least(0.8, 1),
        ...(nginx === null ? { missing: 'nginx is not installed' } : {}),
      },
    ],
    observations: {
      head: [`${connections} WebSockets through`, 'round trips/s', 'CPU µs per round trip'],
      rows: [...results.keys()].map((name) => [
        name,
        median(of(name, 'perSecond')).toFixed(0),
        name === 'direct' ? '' : round(median(of(name, 'cpuUs'))),
      ]),
    },
  }
}

async function measure({ target, pids }: Kind): Promise<RoundTrips> {
  const open = await openWebSockets(target, connections)
  const before = cpuTime(pids)
  const count = await countRoundTrips(open, ms)
  const cpuUs = cpuTimeSince(before, pids).used / count
  for (const { socket } of open) socket.destroy()
  return { perSecond: (count * 1000) / ms, cpuUs }
}
