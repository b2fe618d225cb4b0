import type { LookupFunction } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { UpstreamConfig } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { Balance } from './balance.ts'
import { Breaker, type BreakerState } from './breaker.ts'
import { watchHealth } from './health.ts'
import { ConnectionPool } from './http1/pool.ts'
import type { Lease, Target, Upstream, UpstreamStatus } from './port.ts'
import { PoolTarget } from './target.ts'
import { createUpstreamTls } from './tls.ts'

export interface UpstreamDeps {
  readonly clock: Clock
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>
  /** The `Host` of health checks: the public one, as FastAPI sees it otherwise. Where absent, the target's own. */
  readonly host?: string
  /** Replaces the system's resolver in tests. */
  readonly lookup?: LookupFunction
  /** Replaces the 30 s for which a connection to a named host is used. */
  readonly connectionLifetimeMs?: number
}

const nobody: readonly Target[] = []
const overloaded = refuse('overloaded')

/**
 * Opens an upstream: reads its certificates, makes its pools and starts its health checks. Waits for nobody: targets count
 * as sound until they prove otherwise. Throws a `StartupError` of one sentence when a file of `tls` cannot be used.
 */
export function createUpstream(config: UpstreamConfig, deps: UpstreamDeps): TargetGroup {
  const tlsOf = createUpstreamTls(config)
  const { lookup, connectionLifetimeMs: lifetimeMs } = deps
  const { connectMs } = config.timeout
  const targets = config.targets.map((origin) => {
    const tls = tlsOf(origin)
    const onFault = (error: unknown): void => {
      deps.log.warn({ err: error, upstream: config.name }, 'an answer could not be passed on')
    }
    const connections = new ConnectionPool({ origin, connectMs, tls, lookup, lifetimeMs, onFault })
    return new PoolTarget(origin, tls?.options ?? null, connections)
  })
  return new TargetGroup(config, deps, targets)
}

/** The targets of one upstream, and the slots at them. */
export class TargetGroup implements Upstream {
  readonly config: UpstreamConfig
  readonly #targets: readonly PoolTarget[]
  readonly #balance: Balance
  readonly #breaker: Breaker | null
  readonly #now: () => number
  readonly #log: UpstreamDeps['log']
  readonly #endHealthChecks: readonly (() => void)[]
  #inFlight = 0

  constructor(config: UpstreamConfig, deps: UpstreamDeps, targets: readonly PoolTarget[]) {
    this.config = config
    this.#now = deps.clock.monotonic
    this.#log = deps.log
    this.#targets = targets
    this.#balance = new Balance(this.#targets, config.balance, this.#now)
    this.#breaker =
      config.breaker === null ? null : new Breaker(config.breaker, this.#onBreakerChange)
    this.#endHealthChecks = targets.map((target) => this.#watch(target, deps.host))
  }

  /** Slots that are taken. */
  get inFlight(): number {
    return this.#inFlight
  }

  status(): UpstreamStatus {
    const { name, maxInFlight, health } = this.config
    const isChecked = health !== null
    return {
      ...{ name, inFlight: this.#inFlight, maxInFlight },
      breaker: this.#breaker?.state ?? null,
      targets: this.#targets.map(({ origin, state, pending }) => {
        return { origin, state, inFlight: pending, isChecked }
      }),
    }
  }

  acquire(failed: readonly Target[] = nobody): Lease | Refusal {
    if (this.#inFlight >= this.config.maxInFlight) return overloaded
    const breaker = this.#breaker
    // The clock is not asked while all is well: every request passes here.
    if (breaker !== null && breaker.state !== 'closed' && !breaker.admits(this.#now())) {
      return this.#unavailable(breaker)
    }
    const target = this.#balance.choose(failed, breaker?.state === 'half-open')
    this.#inFlight += 1
    return new Slot(this, target, breaker?.period ?? 0)
  }

  /** For `Slot`: the head of an answer has arrived from a target. */
  answered(target: PoolTarget, period: number): void {
    if (target.answered()) this.#log.info(this.#nameOf(target), 'upstream target answers again')
    this.#breaker?.judge(period, false, this.#now())
  }

  /** For `Slot`: a target gave no answer. */
  failed(target: PoolTarget, period: number): void {
    const now = this.#now()
    const isLast = !this.#targets.some((other) => other !== target && other.sound)
    const ejectedMs = target.failed(now, !isLast)
    if (ejectedMs !== null) {
      this.#log.warn(
        { ...this.#nameOf(target), ejectedMs },
        'upstream target fails and is left out for a while',
      )
    }
    this.#breaker?.judge(period, true, now)
  }

  /** For `Slot`: it is free again. */
  released(period: number): void {
    this.#inFlight -= 1
    // Had this been the try and been judged, the state would be another one.
    if (this.#breaker?.state === 'half-open') this.#breaker.abandon(period, this.#now())
  }

  /**
   * Ends the health checks, lets what is under way end, then closes every connection. A request that was admitted before
   * and asks only now is still served: it keeps the configuration with which it began.
   */
  async close(): Promise<void> {
    this.#stop()
    await Promise.all(this.#targets.map(({ connections }) => connections.close()))
  }

  destroy(): void {
    this.#stop()
    for (const { connections } of this.#targets) connections.destroy()
  }

  #stop(): void {
    for (const end of this.#endHealthChecks) end()
  }

  #unavailable(breaker: Breaker): Refusal {
    const seconds = Math.max(1, Math.ceil(breaker.retryAfterMs(this.#now()) / 1000))
    return refuse('upstream_unavailable', { headers: { 'retry-after': String(seconds) } })
  }

  #watch(target: PoolTarget, host = new URL(target.origin).host): () => void {
    const { health } = this.config
    if (health === null) return () => undefined
    return watchHealth(health, {
      connections: target.connections,
      host,
      onChange: (isHealthy) => {
        target.healthy = isHealthy
        if (isHealthy) {
          target.answered()
          this.#log.info(this.#nameOf(target), 'upstream target is healthy again')
        } else this.#log.warn(this.#nameOf(target), 'upstream target is unhealthy')
      },
    })
  }

  #nameOf(target: PoolTarget): { readonly upstream: string; readonly target: string } {
    return { upstream: this.config.name, target: target.origin }
  }

  readonly #onBreakerChange = (state: BreakerState): void => {
    const level = state === 'open' ? 'warn' : 'info'
    this.#log[level]({ upstream: this.config.name, breaker: state }, breakerLines[state])
  }
}

const breakerLines: Readonly<Record<BreakerState, string>> = {
  open: 'upstream fails too often: requests are refused for a while',
  'half-open': 'one request tries whether the upstream is back',
  closed: 'upstream is back',
}

class Slot implements Lease {
  readonly target: PoolTarget
  readonly #group: TargetGroup
  readonly #period: number
  readonly #isTry: boolean
  #isJudged = false
  #isReleased = false

  constructor(group: TargetGroup, target: PoolTarget, period: number) {
    this.#group = group
    this.target = target
    this.#period = period
    this.#isTry = target.take()
  }

  answered(): void {
    if (this.#isJudged || this.#isReleased) return
    this.#isJudged = true
    this.#group.answered(this.target, this.#period)
  }

  failed(_error: Error): void {
    if (this.#isJudged || this.#isReleased) return
    this.#isJudged = true
    this.#group.failed(this.target, this.#period)
  }

  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.target.give(this.#isTry)
    this.#group.released(this.#period)
  }
}
