import { setTimeout as delay } from 'node:timers/promises'
import { most, type Figure, type Findings } from '../../figures.ts'
import { countRoundTrips, openWebSockets } from '../../load/websockets.ts'
import type { Kind } from '../../peers/kinds.ts'
import { startStreaming } from '../../peers/streaming.ts'
import type { Lab } from '../../system/lab.ts'
import { residentBytes } from '../../system/proc.ts'
import type { Programs } from '../../system/programs.ts'

const count = 1000
const restMs = 2000

/** What a thousand WebSockets weigh that wait, in MB above the process that has only been warm. */
export async function idleWebSockets(lab: Lab, programs: Programs): Promise<Findings> {
  const { nginx, cookie, sallyport } = await startStreaming(lab, programs, 'echo.ts', '/api/ws')
  const figures: Figure[] = [
    {
      what: 'memory of 1,000 idle WebSockets above idle',
      values: [await measure(cookie, () => sallyport.collect())],
      unit: 'MB',
      target: most(20, 8),
    },
  ]
  if (nginx === null) return { figures }
  const ofNginx = await measure(nginx)
  return { figures: [...figures, { what: 'the same of nginx', values: [ofNginx], unit: 'MB' }] }
}

/** MB above the process when it is only warm, with garbage collected both times. */
async function measure(
  { target, pids }: Kind,
  collect: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const warmUp = await openWebSockets(target, 50)
  await countRoundTrips(warmUp, 1000)
  for (const { socket } of warmUp) socket.destroy()
  const resting = async (): Promise<number> => {
    await delay(restMs)
    await collect()
    return residentBytes(pids)
  }
  const before = await resting()
  const open = await openWebSockets(target, count)
  // Each has carried a message: it has whatever it will ever need.
  await countRoundTrips(open, 1000)
  const after = await resting()
  const closed = open.filter(({ socket }) => socket.destroyed || socket.readableEnded).length
  for (const { socket } of open) socket.destroy()
  if (closed > 0) throw new Error(`${target.url} closed ${closed} of ${count} WebSockets`)
  return (after - before) / 2 ** 20
}
