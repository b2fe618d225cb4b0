import type { Code } from '../../errors/catalogue.ts'
import type { AccessRecord } from '../access/record.ts'

/** Upper bounds of what the gateway takes before it sends a request on, or refuses it, seconds. */
const admissionBuckets = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]
/** Of what FastAPI takes, and of whole requests, seconds. */
const answerBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]

export const kinds = ['http', 'event-stream', 'websocket'] as const
export const decisions = [
  'forwarded',
  'static',
  'endpoint',
  'preflight',
  'verify',
  'refused',
  'left',
] as const
/** By the first digit of the status; `none`: the client left before there was one. */
const statusClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** A histogram without a library around it: observing is a few comparisons and two additions. */
export class Distribution {
  readonly bounds: readonly number[]
  /** One more than there are bounds. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(seconds: number): void {
    const { bounds, counts } = this
    let bucket = 0
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1
    counts[bucket] = (counts[bucket] ?? 0) + 1
    this.sum += seconds
  }
}

/** What has become of the requests of one route. */
export class RouteTally {
  /** By kind, decision and class of status, in the order of `outcomeAt`. */
  readonly outcomes = new Float64Array(kinds.length * decisions.length * statusClasses.length)
  readonly refusals = new Map<Code, number>()
  readonly observed = new Map<Code, number>()
  /** Answers and streams that were ended before their time, by kind and reason. */
  readonly endedEarly = new Map<string, number>()
  readonly admission = new Distribution(admissionBuckets)
  readonly upstream = new Distribution(answerBuckets)
  readonly whole = new Distribution(answerBuckets)

  add(record: AccessRecord): void {
    const { kind, decision, status, code, observed, cut, admissionMs, upstreamMs } = record
    const index = indexOf(kinds.indexOf(kind), decisions.indexOf(decision), classOf(status))
    this.outcomes[index] = (this.outcomes[index] ?? 0) + 1
    if (observed !== null) count(this.observed, observed)
    if (code !== null && (decision === 'refused' || decision === 'verify')) {
      count(this.refusals, code)
    } else if (code !== null || cut) count(this.endedEarly, `${kind} ${code ?? 'client_left'}`)
    if (decision === 'left') return
    this.admission.observe(admissionMs / 1000)
    if (upstreamMs !== null) this.upstream.observe(upstreamMs / 1000)
    // How long a stream is open says nothing about how fast anybody is.
    if (kind === 'http') this.whole.observe(record.durationMs / 1000)
  }
}

/** What an index of `outcomes` stands for. */
export function outcomeAt(index: number): {
  readonly kind: string
  readonly decision: string
  readonly status: string
} {
  const status = index % statusClasses.length
  const rest = (index - status) / statusClasses.length
  const decision = rest % decisions.length
  return {
    kind: kinds[(rest - decision) / decisions.length] ?? '',
    decision: decisions[decision] ?? '',
    status: statusClasses[status] ?? '',
  }
}

function indexOf(kind: number, decision: number, status: number): number {
  return (kind * decisions.length + decision) * statusClasses.length + status
}

function classOf(status: number | null): number {
  return status === null ? 0 : Math.min(5, Math.max(1, Math.trunc(status / 100)))
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/**
 * Counts every request by its route, so that scraping has something to read. There are as many tallies as there have been routes with requests since the start, and one for what
 * reached none.
 */
export class Tallies {
  readonly byRoute = new Map<string, RouteTally>()

  readonly add = (record: AccessRecord): void => {
    const route = record.route ?? ''
    let tally = this.byRoute.get(route)
    if (tally === undefined) this.byRoute.set(route, (tally = new RouteTally()))
    tally.add(record)
  }
}
