import { createMetrics, type MetricDescription } from '../../../src/ops/metrics.ts'

/** Everything that a gateway shows, whatever it is told to do. */
export function allMetrics(): readonly MetricDescription[] {
  const metrics = createMetrics(() => 0)
  metrics.watch({
    sessions: { size: 0, hits: 0, misses: 0 },
    live: { list: () => ({ kinds: { websocket: 0, 'event-stream': 0 } }) },
    isStoreUp: () => Promise.resolve(true),
    upstreams: () => [],
    hashing: null,
    configurationHash: () => '',
    clients: { size: 0 },
    linesLost: () => 0,
  })
  metrics.spans({ counts: { exported: 0, failed: 0, dropped: 0 } })
  return metrics.list()
}
