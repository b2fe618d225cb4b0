import { Counter, type Registry } from '@prometheus-io/client'
import type { Tracer } from './port.ts'

/** Counts spans, by what became of them, where there are traces. */
export function spanMetrics(registry: Registry, { counts }: Pick<Tracer, 'counts'>): void {
  const counter = new Counter({
    name: 'sallyport_trace_spans_total',
    help: 'Spans for the trace collector: exported, failed (it did not take them) or dropped (too many were waiting).',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      counter.reset()
      for (const [result, count] of Object.entries(counts)) counter.inc({ result }, count)
    },
  })
}
