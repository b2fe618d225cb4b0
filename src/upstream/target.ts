import type { ConnectionPool } from './http1/pool.ts'
import type { Target } from './port.ts'

/** Failures in a row after which a target is left out. */
const failuresUntilEjection = 3
/** For how long, at first; doubled each time it fails again without having answered in between. */
const firstEjectionMs = 1000
const longestEjectionMs = 60_000

/**
 * One address and what is known of it. It is sound until it proves otherwise: health checks make it unhealthy, failures in
 * a row eject it for a growing time. After that time it gets one request at once, until one is answered.
 */
export class PoolTarget implements Target {
  readonly origin: string
  readonly tls: Target['tls']
  readonly connections: ConnectionPool
  /** Requests under way. */
  pending = 0
  /** Said by health checks. */
  healthy = true
  #failures = 0
  #ejections = 0
  #ejectedUntil = 0
  #isTried = false

  constructor(origin: string, tls: Target['tls'], connections: ConnectionPool) {
    this.origin = origin
    this.tls = tls
    this.connections = connections
  }

  /** Nothing speaks against it; asked before the clock is, because this is nearly always so. */
  get sound(): boolean {
    return this.healthy && this.#ejections === 0
  }

  get state(): 'sound' | 'ejected' | 'unhealthy' {
    if (!this.healthy) return 'unhealthy'
    return this.#ejections === 0 ? 'sound' : 'ejected'
  }

  /** Whether it may be chosen although it is not sound: its time of ejection has passed, and nobody tries it yet. */
  returns(now: number): boolean {
    return this.healthy && now >= this.#ejectedUntil && !this.#isTried
  }

  /** Takes a request. Returns whether that request is the one by which an ejected target is tried. */
  take(): boolean {
    this.pending += 1
    if (this.#ejections === 0 || this.#isTried) return false
    this.#isTried = true
    return true
  }

  /** @param isTry what `take` said */
  give(isTry: boolean): void {
    this.pending -= 1
    if (isTry) this.#isTried = false
  }

  /** Returns whether it was ejected until now. */
  answered(): boolean {
    this.#failures = 0
    if (this.#ejections === 0) return false
    this.#ejections = 0
    this.#ejectedUntil = 0
    return true
  }

  /**
   * @param mayEject false where it is the last one left
   * @returns for how long the target is ejected from now on, in milliseconds, or null
   */
  failed(now: number, mayEject: boolean): number | null {
    this.#failures += 1
    const isTooOften = this.#failures >= failuresUntilEjection
    // What fails during an ejection was sent before it, and does not make it longer.
    if (!isTooOften || !mayEject || now < this.#ejectedUntil) return null
    const forMs = Math.min(firstEjectionMs * 2 ** this.#ejections, longestEjectionMs)
    this.#ejections += 1
    this.#ejectedUntil = now + forMs
    return forMs
  }
}
