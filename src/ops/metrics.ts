import { Registry } from '@prometheus-io/client'
import type { AccessListener } from './access/hub.ts'
import type { AuditMetrics } from './audit/trail.ts'
import { auditMetrics } from './metrics/audit.ts'
import { comparisonMetrics, type CountComparison } from './metrics/compared.ts'
import { processMetrics } from './metrics/process.ts'
import { reloadMetrics, type CountReload } from './metrics/reloads.ts'
import { requestMetrics } from './metrics/requests.ts'
import { revocationMetrics, type RevocationMetrics } from './metrics/revocations.ts'
import { stateMetrics, type StateSources } from './metrics/state.ts'
import { Tallies } from './metrics/tallies.ts'
import { spanMetrics } from './trace/metrics.ts'
import type { Tracer } from './trace/port.ts'

export interface MetricDescription {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labelNames: readonly string[]
}

export interface Metrics {
  readonly audit: AuditMetrics
  readonly comparisons: CountComparison
  readonly revocations: RevocationMetrics
  readonly reloads: CountReload
  /** Counts a request that is over. */
  readonly requests: AccessListener
  /** Says where to look for how the gateway stands. Called once. */
  readonly watch: (sources: StateSources) => void
  /** Counts spans. Called once, where there are traces. */
  readonly spans: (tracer: Pick<Tracer, 'counts'>) => void
  /** Everything in Prometheus' text format. */
  readonly render: () => Promise<string>
  readonly contentType: string
  /** What there is to see, for its documentation. */
  readonly list: () => readonly MetricDescription[]
  readonly close: () => void
}

/** One set per gateway: several in a process are counted apart. @param now wall clock, milliseconds */
export function createMetrics(now: () => number): Metrics {
  const registry = new Registry()
  const tallies = new Tallies()
  requestMetrics(registry, tallies)
  const { close } = processMetrics(registry)
  return {
    audit: auditMetrics(registry),
    revocations: revocationMetrics(registry),
    comparisons: comparisonMetrics(registry),
    reloads: reloadMetrics(registry, now),
    requests: tallies.add,
    watch: (sources) => {
      stateMetrics(registry, sources)
    },
    spans: (tracer) => {
      spanMetrics(registry, tracer)
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
    list: () => registry.getMetricsAsArray() as unknown as readonly MetricDescription[],
    close,
  }
}
