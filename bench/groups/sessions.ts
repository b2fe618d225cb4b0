import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { least, median, most, ratios, type Figure, type Findings } from '../figures.ts'
import { createCrowdLoad, createLoad, type Load, type Target } from '../load/load.ts'
import { madeUpCookieValue } from '../parts/gateway/made-up.ts'
import { host } from '../peers/callers.ts'
import { startSallyport } from '../peers/sallyport.ts'
import { startUpstream } from '../peers/upstream.ts'
import type { Lab } from '../system/lab.ts'
import { startPart } from '../system/processes.ts'
import type { Programs } from '../system/programs.ts'

const few = 1000
const many = 1_000_000
/** So many of them send requests. */
const crowd = 10_000

/** What a million cached sessions weigh, and whether they are slower than a thousand. */
export async function sessions(lab: Lab, programs: Programs): Promise<Findings> {
  const weight = lab.keep(
    await startPart<{ bytes: number; bytesWithToken: number }>('gateway/session-memory.ts', {
      env: { SESSIONS: String(many) },
      flags: ['--expose-gc', '--max-old-space-size=8192'],
    }),
  )
  const { bytes, bytesWithToken } = weight.said
  await weight.stop()
  return {
    figures: [
      { what: 'memory of one cached session', values: [bytes / 1000], unit: 'kB' },
      {
        what: 'memory of one cached session with its issued token',
        values: [bytesWithToken / 1000],
        unit: 'kB',
        target: most(2, 1),
      },
      ...(await growth(lab, programs)),
    ],
  }
}

async function growth(lab: Lab, programs: Programs): Promise<readonly Figure[]> {
  const what = '1,000,000 cached sessions / 1,000, requests/s'
  const target = least(0.95, 1)
  const { wrk } = programs
  if (wrk === null) return [{ what, target, values: [], missing: 'wrk is not installed' }]
  const upstream = await startUpstream(lab, programs)
  const grown = { ...lab, nodeFlags: [...lab.nodeFlags, '--max-old-space-size=8192'] }
  const small = await startCrowd(lab, programs, wrk, upstream, few)
  const large = await startCrowd(grown, programs, wrk, upstream, many)
  // Every session of the crowd is used before it counts.
  for (let second = 0; second < 5; second += 1) {
    await small()
    await large()
  }
  const results = { few: [] as number[], many: [] as number[] }
  for (let turn = 0; turn < lab.rounds; turn += 1) {
    results.few.push(await small())
    results.many.push(await large())
  }
  return [
    { what, target, values: ratios(results.many, results.few) },
    {
      what: 'requests/s with 1,000,000 cached sessions, each request in the name of another',
      values: [median(results.many)],
    },
  ]
}

/** A gateway with `count` sessions cached; the function it returns has some of them ask for a second. */
async function startCrowd(
  lab: Lab,
  programs: Programs,
  wrk: string,
  upstream: string,
  count: number,
): Promise<() => Promise<number>> {
  const gateway = await startSallyport(lab, { upstream })
  const { cookie } = gateway.caller
  const target: Target = { url: `${gateway.url}/api/items`, headers: { host } }
  const warmUp: Load = createLoad(programs)
  await warmUp({ ...target, headers: { host, cookie } })
  await gateway.fillSessions(count)
  const name = cookie.split('=')[0] ?? ''
  const size = Math.min(crowd, count)
  const step = count / size
  const lines = Array.from(
    { length: size },
    (_, index) => `${name}=${madeUpCookieValue(Math.floor(index * step))}`,
  )
  const file = join(lab.folder, `cookies-${count}`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  const load = createCrowdLoad(wrk, file)
  return async () => (await load(target)).requestsPerSecond
}
