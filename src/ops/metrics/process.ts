import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import { gatewayVersion } from '../version.ts'

const resolutionMs = 10

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>

/**
 * Shows the process, under the names that dashboards know. Its event loop is watched from the first time that somebody asks until `close`: whoever is never asked pays nothing.
 */
export function processMetrics(registry: Registry): { readonly close: () => void } {
  const registers = [registry]
  new Gauge({
    name: 'sallyport_build_info',
    help: 'Always 1; what runs.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: gatewayVersion() ?? '', node: process.versions.node }, 1)
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of all threads.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  }
  const startedAt = performance.timeOrigin / 1000
  gauge('process_start_time_seconds', 'When the process started.', () => startedAt)
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  gauge('process_open_fds', 'Open files and sockets.', openFiles)
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed)
  return watchLoop(gauge)
}

function watchLoop(gauge: (name: string, help: string, value: () => number) => void): {
  readonly close: () => void
} {
  let delays: IntervalHistogram | null = null
  const seconds = (of: (delays: IntervalHistogram) => number) => (): number => {
    if (delays === null) {
      delays = monitorEventLoopDelay({ resolution: resolutionMs })
      delays.enable()
    }
    // The timer's own period is part of what is measured.
    return delays.count === 0 ? 0 : Math.max(0, of(delays) / 1e9 - resolutionMs / 1000)
  }
  const help = 'How late the event loop was since the last time that somebody asked'
  gauge(
    'nodejs_eventloop_lag_p50_seconds',
    `${help}: median.`,
    seconds((d) => d.percentile(50)),
  )
  gauge(
    'nodejs_eventloop_lag_p99_seconds',
    `${help}: p99.`,
    seconds((d) => d.percentile(99)),
  )
  gauge(
    'nodejs_eventloop_lag_max_seconds',
    `${help}: at most.`,
    seconds((d) => {
      const { max } = d
      // The last of the three that are read.
      d.reset()
      return max
    }),
  )
  return {
    close: () => {
      delays?.disable()
      delays = null
    },
  }
}

/** NaN where the system does not tell. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return NaN
  }
}
