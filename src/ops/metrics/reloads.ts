import { Counter, Gauge, type Registry } from '@prometheus-io/client'

/** Counts a change of the configuration. */
export type CountReload = (isApplied: boolean) => void

export function reloadMetrics(registry: Registry, now: () => number): CountReload {
  const registers = [registry]
  const reloads = new Counter({
    name: 'sallyport_config_reloads_total',
    help: 'Changes of the configuration, by what became of them.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['success', 'failure']) reloads.inc({ outcome }, 0)
  const isGood = new Gauge({
    name: 'sallyport_config_last_reload_successful',
    help: 'Whether the last change of the configuration was applied: 1, also before there was one; 0 while the gateway goes on as it was.',
    registers,
  })
  isGood.set(1)
  const at = new Gauge({
    name: 'sallyport_config_last_success_timestamp_seconds',
    help: 'When the configuration in force was put in force.',
    registers,
  })
  at.set(now() / 1000)
  return (isApplied) => {
    reloads.inc({ outcome: isApplied ? 'success' : 'failure' })
    isGood.set(isApplied ? 1 : 0)
    if (isApplied) at.set(now() / 1000)
  }
}
