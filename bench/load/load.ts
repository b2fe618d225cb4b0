import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import type { Programs } from '../system/programs.ts'

/** What is asked for, again and again. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** What a second of load says. */
export interface Run {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export type Load = (target: Target) => Promise<Run>

const connections = 64

/**
 * Makes a load generator: full load for a second over 64 keep-alive connections. It throws when an answer is not a 2xx: a
 * refusal is fast too. wrk where it is installed, because it costs a tenth of autocannon.
 */
export function createLoad({ wrk }: Programs): Load {
  return wrk === null ? loadWithAutocannon : (target) => loadWithWrk(wrk, target)
}

/**
 * The same with each request in the name of another session, in turns.
 * @param file one `Cookie` value per line
 */
export function createCrowdLoad(wrk: string, file: string): Load {
  return (target) => loadWithWrk(wrk, target, [file])
}

async function loadWithWrk(
  wrk: string,
  { url, headers }: Target,
  more: readonly string[] = [],
): Promise<Run> {
  const path = fileURLToPath(new URL('wrk.lua', import.meta.url))
  // wrk adds a Host of its own unless it finds this very spelling.
  const nameOf = (name: string): string => (name === 'host' ? 'Host' : name)
  const child = spawn(
    wrk,
    [
      ...['-t1', `-c${connections}`, '-d1s', '-s', path],
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${nameOf(name)}: ${value}`]),
      ...[url, '--', ...more],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`wrk ended with ${String(code)}`)
  const said = /^\{.*\}$/m.exec(Buffer.concat(chunks).toString())?.[0]
  const { requests, seconds, errors, p50Ms, p99Ms } = JSON.parse(said ?? '{}') as Summary
  if (errors > 0) throw new Error(`${url}: ${errors} errors or refusals in ${requests} requests`)
  return { requests, requestsPerSecond: requests / seconds, p50Ms, p99Ms }
}

interface Summary {
  readonly requests: number
  readonly seconds: number
  readonly errors: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Asked for a second, because it only stops on one, whatever number of requests it is asked for. */
async function loadWithAutocannon({ url, headers }: Target): Promise<Run> {
  const result = await autocannon({ url, headers, connections, duration: 1 })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refusals and ${result.errors} errors`)
  }
  const seconds = (result.finish.getTime() - result.start.getTime()) / 1000
  const { p50, p99 } = result.latency
  const requests = result.requests.total
  return { requests, requestsPerSecond: requests / seconds, p50Ms: p50, p99Ms: p99 }
}
