import { least, median, ratios, type Findings } from '../figures.ts'
import { createLoad, type Target } from '../load/load.ts'
import { host } from '../peers/callers.ts'
import { startSallyport } from '../peers/sallyport.ts'
import { startUpstream } from '../peers/upstream.ts'
import type { Lab } from '../system/lab.ts'
import type { Programs } from '../system/programs.ts'

/** Whether ten thousand routes are slower than ten. */
export async function routes(lab: Lab, programs: Programs): Promise<Findings> {
  const upstream = await startUpstream(lab, programs)
  const few = await startWith(lab, upstream, 10)
  const many = await startWith(lab, upstream, 10_000)
  const load = createLoad(programs)
  for (const target of [few, many, few, many]) await load(target)
  const results = { few: [] as number[], many: [] as number[] }
  for (let turn = 0; turn < lab.rounds; turn += 1) {
    results.few.push((await load(few)).requestsPerSecond)
    results.many.push((await load(many)).requestsPerSecond)
  }
  return {
    figures: [
      {
        what: '10,000 routes / 10 routes, requests/s',
        values: ratios(results.many, results.few),
        target: least(0.95, 1),
      },
    ],
    observations: {
      head: ['routes', 'requests/s'],
      rows: [
        ['10', median(results.few).toFixed(0)],
        ['10,000', median(results.many).toFixed(0)],
      ],
    },
  }
}

/** The request goes to the last of the routes. */
async function startWith(lab: Lab, upstream: string, count: number): Promise<Target> {
  const { url, caller } = await startSallyport(lab, { upstream, routes: count })
  return { url: `${url}/many/${count - 1}/items`, headers: { host, cookie: caller.cookie } }
}
