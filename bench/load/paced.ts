import { percentile } from '../figures.ts'
import { Connection, mustSucceed, requestOf } from './connection.ts'
import type { Target } from './load.ts'

export interface Times {
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * A steady pace, whatever the answers do: `perSecond` requests, spread evenly over `seconds`, each on a connection that is
 * free. One that finds none waits for it, and its time counts from when it was due.
 */
export async function paced(
  { url, headers }: Target,
  perSecond: number,
  seconds: number,
): Promise<Times> {
  const request = requestOf(url, headers)
  const free = await Promise.all(Array.from({ length: 32 }, () => Connection.open(url)))
  const all = [...free]
  const total = Math.floor(perSecond * seconds)
  const times = new Float64Array(total)
  const due: number[] = []
  const finished = Promise.withResolvers<undefined>()
  let done = 0
  const ask = async (connection: Connection, since: number): Promise<void> => {
    mustSucceed(await connection.send(request), url)
    times[done] = performance.now() - since
    done += 1
    const next = due.shift()
    if (next !== undefined) await ask(connection, next)
    else free.push(connection)
    if (done === total) finished.resolve(undefined)
  }
  const begin = performance.now()
  let started = 0
  const timer = setInterval(() => {
    const now = performance.now()
    while (started < total && begin + (started * 1000) / perSecond <= now) {
      started += 1
      const connection = free.pop()
      if (connection === undefined) due.push(now)
      else ask(connection, performance.now()).catch(finished.reject)
    }
  }, 1)
  await finished.promise.finally(() => {
    clearInterval(timer)
    for (const { socket } of all) socket.destroy()
  })
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) }
}

/** Four callers at a calm pace, one request each at a time: what a user would notice. */
export async function calm({ url, headers }: Target, seconds: number): Promise<Times> {
  const request = requestOf(url, headers)
  const until = performance.now() + seconds * 1000
  const times: number[] = []
  const caller = async (): Promise<void> => {
    const connection = await Connection.open(url)
    while (performance.now() < until) {
      const before = performance.now()
      mustSucceed(await connection.send(request), url)
      times.push(performance.now() - before)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    connection.socket.destroy()
  }
  await Promise.all([caller(), caller(), caller(), caller()])
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) }
}
