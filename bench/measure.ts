import autocannon from 'autocannon'
import { Pool } from 'undici'

/** What one run of load says. */
export interface Run {
  readonly requestsPerSecond: number
  readonly p99Ms: number
}

/**
 * Full load for a second over 32 keep-alive connections. Throws when an answer is not 200: a refusal is fast too. Seconds,
 * because the load generator only stops on one, whatever number of requests it is asked for.
 */
export async function load(url: string, headers: Readonly<Record<string, string>>): Promise<Run> {
  const result = await autocannon({ url, headers, connections: 32, duration: 1 })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refusals and ${result.errors} errors`)
  }
  const seconds = (result.finish.getTime() - result.start.getTime()) / 1000
  return { requestsPerSecond: result.requests.total / seconds, p99Ms: result.latency.p99 }
}

/** The 99th percentile of single requests at a calm pace, milliseconds: what a user would notice. */
export async function calmP99(
  url: string,
  headers: Readonly<Record<string, string>>,
  seconds: number,
): Promise<number> {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: 4 })
  const until = performance.now() + seconds * 1000
  const times: number[] = []
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const before = performance.now()
      const { statusCode, body } = await pool.request({ path: pathname, method: 'GET', headers })
      await body.dump()
      if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`)
      times.push(performance.now() - before)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  await Promise.all([caller(), caller(), caller(), caller()])
  await pool.close()
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? NaN
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}
