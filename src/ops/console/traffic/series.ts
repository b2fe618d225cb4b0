import type { AccessRecord } from '../../access/record.ts'
import { Histogram } from './histogram.ts'

/** How requests ended: whole answers by their status, what we refused, and whoever left before there was an answer. */
export const outcomes = ['ok', 'clientError', 'serverError', 'refused', 'left'] as const
export type Outcome = (typeof outcomes)[number]

/** p50, p95 and p99, milliseconds. */
export type Percentiles = readonly [number, number, number]

/** What happened in one step of time. */
export interface Step {
  /** Its beginning, milliseconds since the epoch. */
  readonly at: number
  /** In the order of `outcomes`. */
  readonly requests: readonly number[]
  readonly refusals: Readonly<Record<string, number>>
  /** By the gateway before FastAPI was asked; null: nothing was forwarded. */
  readonly added: Percentiles | null
  /** By FastAPI until the head of its answer; null: it gave none. */
  readonly upstream: Percentiles | null
}

/** Requests of one route in everything that is remembered. */
export interface RouteTraffic {
  readonly route: string
  readonly requests: number
  readonly refused: number
}

export interface SeriesOptions {
  /** Wall clock, milliseconds. */
  readonly now: () => number
  readonly stepMs?: number
  readonly steps?: number
}

/** More than a configuration has; routes of former configurations age out with their steps. */
const maxRoutes = 500

interface MutableStep {
  number: number
  readonly requests: Uint32Array
  readonly refusals: Map<string, number>
  readonly added: Histogram
  readonly upstream: Histogram
  readonly routes: Map<string, { requests: number; refused: number }>
}

/**
 * What became of requests, in steps of time: an hour by default, and never more. What it holds grows with the number of routes and codes of
 * the gateway, and with nothing that a client can choose.
 */
export class TrafficSeries {
  readonly stepMs: number
  readonly #now: () => number
  readonly #steps: MutableStep[]
  #newest: number

  constructor({ now, stepMs = 10_000, steps = 360 }: SeriesOptions) {
    this.stepMs = stepMs
    this.#now = now
    this.#newest = Math.floor(now() / stepMs)
    this.#steps = Array.from({ length: steps }, () => emptyStep(-1))
    this.#begin(this.#newest)
  }

  /** Counts a request that is over, in the step in which it ended. */
  record(record: AccessRecord): void {
    const step = this.#current()
    const outcome = outcomes.indexOf(outcomeOf(record))
    step.requests[outcome] = (step.requests[outcome] ?? 0) + 1
    const isRefused = wasRefused(record)
    if (isRefused && record.code !== null) {
      step.refusals.set(record.code, (step.refusals.get(record.code) ?? 0) + 1)
    }
    if (record.decision === 'forwarded') step.added.add(record.admissionMs)
    if (record.upstreamMs !== null) step.upstream.add(record.upstreamMs)
    if (record.route !== null) countRoute(step, record.route, isRefused)
  }

  /** The last steps, oldest first; those in which nothing was remembered yet are left out. */
  list(last = this.#steps.length): readonly Step[] {
    this.#current()
    const listed: Step[] = []
    for (let back = Math.min(last, this.#steps.length) - 1; back >= 0; back -= 1) {
      const step = this.#at(this.#newest - back)
      if (step !== null) listed.push(this.#toStep(step))
    }
    return listed
  }

  /** What each route had in all that is remembered, the busiest first. */
  routes(): readonly RouteTraffic[] {
    this.#current()
    const sums = new Map<string, { requests: number; refused: number }>()
    for (const { number, routes } of this.#steps) {
      if (number <= this.#newest - this.#steps.length) continue
      for (const [route, { requests, refused }] of routes) {
        const sum = sums.get(route) ?? { requests: 0, refused: 0 }
        sums.set(route, { requests: sum.requests + requests, refused: sum.refused + refused })
      }
    }
    return [...sums]
      .map(([route, sum]) => ({ route, ...sum }))
      .sort((a, b) => b.requests - a.requests)
  }

  #current(): MutableStep {
    const number = Math.floor(this.#now() / this.stepMs)
    // A clock that was set back goes on in the step that it had reached; one that jumped leaves a gap.
    if (number > this.#newest) {
      const first = Math.max(this.#newest + 1, number - this.#steps.length + 1)
      for (let each = first; each <= number; each += 1) this.#begin(each)
      this.#newest = number
    }
    return this.#slot(this.#newest)
  }

  #slot(number: number): MutableStep {
    const step = this.#steps[number % this.#steps.length]
    if (step === undefined) throw new Error('a series has at least one step')
    return step
  }

  #at(number: number): MutableStep | null {
    if (number < 0) return null
    const step = this.#slot(number)
    return step.number === number ? step : null
  }

  #begin(number: number): void {
    const step = this.#slot(number)
    step.number = number
    step.requests.fill(0)
    step.refusals.clear()
    step.added.clear()
    step.upstream.clear()
    step.routes.clear()
  }

  #toStep({ number, requests, refusals, added, upstream }: MutableStep): Step {
    return {
      at: number * this.stepMs,
      requests: [...requests],
      refusals: Object.fromEntries(refusals),
      added: percentilesOf(added),
      upstream: percentilesOf(upstream),
    }
  }
}

function emptyStep(number: number): MutableStep {
  return {
    number,
    requests: new Uint32Array(outcomes.length),
    refusals: new Map(),
    added: new Histogram(),
    upstream: new Histogram(),
    routes: new Map(),
  }
}

/** In our words, to a client or to a proxy that asked. */
export function wasRefused({ decision, code }: AccessRecord): boolean {
  return decision === 'refused' || (decision === 'verify' && code !== null)
}

function outcomeOf(record: AccessRecord): Outcome {
  const { decision, status } = record
  if (wasRefused(record)) return 'refused'
  if (status === null || decision === 'left') return 'left'
  if (status < 400) return 'ok'
  return status < 500 ? 'clientError' : 'serverError'
}

function countRoute({ routes }: MutableStep, route: string, isRefused: boolean): void {
  const known = routes.get(route)
  if (known !== undefined) {
    known.requests += 1
    if (isRefused) known.refused += 1
  } else if (routes.size < maxRoutes) {
    routes.set(route, { requests: 1, refused: isRefused ? 1 : 0 })
  }
}

function percentilesOf(histogram: Histogram): Percentiles | null {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => histogram.percentile(share))
  if (p50 == null || p95 == null || p99 == null) return null
  return [round(p50), round(p95), round(p99)]
}

/** Three digits say it all. */
function round(ms: number): number {
  return Number(ms.toPrecision(3))
}
