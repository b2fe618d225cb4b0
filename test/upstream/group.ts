import type { Test } from 'tap'
import type { UpstreamConfig } from '../../src/config/types.ts'
import { isRefusal } from '../../src/errors/refusal.ts'
import type { Lease, Target } from '../../src/upstream/port.ts'
import { createUpstream, type TargetGroup, type UpstreamDeps } from '../../src/upstream/upstream.ts'

/** An upstream as the defaults of the YAML describe it. */
export function upstreamConfig(
  targets: readonly string[],
  more: Partial<UpstreamConfig> = {},
): UpstreamConfig {
  return {
    name: 'api',
    targets,
    balance: 'round-robin',
    health: null,
    timeout: { connectMs: 2000, firstByteMs: 30_000, idleMs: 60_000, streamIdleMs: 3_600_000 },
    retry: { attempts: 1 },
    breaker: null,
    maxInFlight: 1024,
    sessionCookie: 'strip',
    tls: null,
    ...more,
  }
}

export interface Opened {
  readonly group: TargetGroup
  /** Monotonic milliseconds: the test moves them. */
  readonly clock: { nowMs: number }
  /** What was logged, oldest first. */
  readonly log: readonly (Record<string, unknown> & { readonly message: string })[]
  /** Takes a slot; fails the test when it is refused. */
  readonly take: (failed?: readonly Target[]) => Lease
  /** The code of the refusal, or null when there was a slot, which is released again. */
  readonly refusal: () => string | null
}

/** Opens an upstream whose clock stands still; cuts it when the test ends. */
export function openGroup(
  t: Test,
  config: UpstreamConfig,
  deps: Partial<UpstreamDeps> = {},
): Opened {
  const clock = { nowMs: 1_000_000 }
  const log: (Record<string, unknown> & { message: string })[] = []
  const write = (fields: Record<string, unknown>, message: string): void => {
    log.push({ ...fields, message })
  }
  const group = createUpstream(config, {
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    log: { info: write, warn: write } as UpstreamDeps['log'],
    ...deps,
  })
  t.teardown(() => {
    group.destroy()
  })
  const take = (failed?: readonly Target[]): Lease => {
    const lease = group.acquire(failed)
    if (isRefusal(lease)) throw new Error(`refused: ${lease.code}`)
    return lease
  }
  const refusal = (): string | null => {
    const lease = group.acquire()
    if (isRefusal(lease)) return lease.code
    lease.release()
    return null
  }
  return { group, clock, log, take, refusal }
}

/** One exchange from beginning to end; says where it went. */
export function exchange(opened: Opened, end: 'answered' | 'failed' | 'left'): string {
  const lease = opened.take()
  finish(lease, end)
  return lease.target.origin
}

export function finish(lease: Lease, end: 'answered' | 'failed' | 'left'): void {
  if (end === 'answered') lease.answered()
  if (end === 'failed') lease.failed(new Error('refused'))
  lease.release()
}

export interface Got {
  readonly status: number
  readonly text: string
}

/** A GET at a slot's target, as forwarding does it; rejects with the transport's error. */
export function get(lease: Lease, host = 'app.test'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let answered = 0
    const { connections } = lease.target
    const headers = ['host', host]
    connections.send(
      { path: '/', method: 'GET', headers, body: null, firstByteMs: 30_000, idleMs: 60_000 },
      {
        onHead: (status) => {
          answered = status
          lease.answered()
        },
        onQuiet: () => undefined,
        onData: (chunk) => {
          chunks.push(Buffer.from(chunk))
        },
        onEnd: (last) => {
          if (last !== null) chunks.push(Buffer.from(last))
          lease.release()
          resolve({ status: answered, text: Buffer.concat(chunks).toString() })
        },
        onError: (error) => {
          lease.failed(error)
          lease.release()
          reject(error)
        },
      },
    )
  })
}

/** Waits until something is so, and fails after five seconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 5000
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`never became so: ${isSo.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
