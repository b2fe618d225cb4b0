import { setTimeout as delay } from 'node:timers/promises'
import { most, type Figure, type Findings } from '../figures.ts'
import { holdConnections } from '../load/held.ts'
import { createLoad, type Target } from '../load/load.ts'
import { host } from '../peers/callers.ts'
import { startKeptNginx } from '../peers/nginx.ts'
import { startSallyport } from '../peers/sallyport.ts'
import { startUpstream } from '../peers/upstream.ts'
import type { Lab } from '../system/lab.ts'
import { openFilesLimit, residentBytes } from '../system/proc.ts'
import type { Programs } from '../system/programs.ts'

const wantedCount = 10_000
const restMs = 2000

/** What ten thousand connections weigh that have been answered once and wait, in MB above the process that has only been warm. */
export async function idleConnections(lab: Lab, programs: Programs): Promise<Findings> {
  // Besides them, a process has a few hundred files open.
  const count = Math.min(wantedCount, openFilesLimit() - 1000)
  const scale = wantedCount / count
  const upstream = await startUpstream(lab, programs)
  const sallyport = await startSallyport(lab, { upstream })
  const { url, pid, caller } = sallyport
  const target: Target = { url: `${url}/api/items`, headers: { host, cookie: caller.cookie } }
  const ours = await measure(target, pid, count, programs, () => sallyport.collect())
  const scaled = scale === 1 ? '' : ` (scaled from ${count}: no more files may be open here)`
  const figures: Figure[] = [
    {
      what: `memory of 10,000 idle keep-alive connections above idle${scaled}`,
      values: [ours * scale],
      unit: 'MB',
      target: most(100, 60),
    },
  ]
  if (programs.nginx === null) return { figures }
  const nginx = await startKeptNginx(lab, programs.nginx, upstream)
  const ofNginx = await measure(
    { url: `${nginx.url}/api/items`, headers: {} },
    nginx.pid,
    count,
    programs,
  )
  figures.push({ what: 'the same of nginx', values: [ofNginx * scale], unit: 'MB' })
  return { figures }
}

/** MB above the process when it is only warm, with garbage collected both times. */
async function measure(
  target: Target,
  pid: number,
  count: number,
  programs: Programs,
  collect: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const load = createLoad(programs)
  for (let second = 0; second < 3; second += 1) await load(target)
  const resting = async (): Promise<number> => {
    await delay(restMs)
    await collect()
    return residentBytes([pid])
  }
  const before = await resting()
  const held = await holdConnections(target, count)
  const after = await resting()
  const open = held.open()
  held.letGo()
  if (open < count) throw new Error(`${target.url} closed ${count - open} of ${count} connections`)
  return (after - before) / 2 ** 20
}
