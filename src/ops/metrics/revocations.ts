import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client'

/** What is counted of revocations. */
export interface RevocationMetrics {
  /** One that was said here. */
  readonly said: () => void
  /** One that was said elsewhere, so long ago (seconds, by both clocks). */
  readonly heard: (lagSeconds: number) => void
  /** Whether others can be heard. */
  readonly state: (isUp: boolean) => void
}

export function revocationMetrics(registry: Registry): RevocationMetrics {
  const registers = [registry]
  const said = new Counter({
    name: 'sallyport_revocations_total',
    help: 'Changes of sessions and users that this gateway was told of by Better Auth.',
    registers,
  })
  const lag = new Histogram({
    name: 'sallyport_revocation_lag_seconds',
    help: 'Time from a change on another gateway until this one knew, by the clocks of both.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const up = new Gauge({
    name: 'sallyport_revocation_bus_up',
    help: 'Whether changes on other gateways can be heard: 1, or 0 while sessions are remembered for 5 s at most.',
    registers,
  })
  return {
    said: () => {
      said.inc()
    },
    heard: (lagSeconds) => {
      lag.observe(lagSeconds)
    },
    state: (isUp) => {
      up.set(isUp ? 1 : 0)
    },
  }
}
