import type { HealthConfig } from '../config/types.ts'
import type { Connections } from './http1/port.ts'

/** Each pause is up to a tenth longer or shorter, so that several gateways do not ask at the same moment. */
const jitter = 0.1

export interface HealthDeps {
  readonly connections: Connections
  /** The `Host` of the probe, as FastAPI sees it on other requests. */
  readonly host: string
  /** Called only when it changes. */
  readonly onChange: (isHealthy: boolean) => void
}

/**
 * Asks one target again and again whether it is well, and says so when the answer changes. It is taken to be healthy at
 * first. Any 2xx or 3xx is healthy; redirects are not followed. Its timers keep no process alive.
 *
 * @returns what ends the asking
 */
export function watchHealth(config: HealthConfig, deps: HealthDeps): () => void {
  let isHealthy = true
  let inARow = 0
  let cancel: (() => void) | null = null

  const judge = (isWell: boolean): void => {
    inARow = isWell === isHealthy ? 0 : inARow + 1
    if (inARow >= (isHealthy ? config.unhealthyAfter : config.healthyAfter)) {
      isHealthy = !isHealthy
      inARow = 0
      deps.onChange(isHealthy)
    }
    schedule(config.intervalMs * (1 - jitter + 2 * jitter * Math.random()))
  }
  const schedule = (inMs: number): void => {
    timer = setTimeout(() => {
      cancel = probe(config, deps, judge)
    }, inMs).unref()
  }
  let timer: NodeJS.Timeout
  // Gateways that start together spread out from the beginning.
  schedule(config.intervalMs * Math.random())
  return () => {
    clearTimeout(timer)
    cancel?.()
  }
}

/** One question. Calls back exactly once, unless it is cancelled by what it returns. */
function probe(
  config: HealthConfig,
  deps: HealthDeps,
  answer: (isWell: boolean) => void,
): () => void {
  let isOver = false
  const end = (isWell: boolean | null): void => {
    if (isOver) return
    isOver = true
    clearTimeout(deadline)
    call.abort()
    if (isWell !== null) answer(isWell)
  }
  const deadline = setTimeout(end, config.timeoutMs, false).unref()
  const call = deps.connections.probe(
    {
      path: config.path,
      method: 'GET',
      headers: ['host', deps.host, 'user-agent', 'sallyport-health', 'accept', '*/*'],
      body: null,
      firstByteMs: 0,
      idleMs: 0,
    },
    {
      onHead: (status) => {
        end(status < 400)
      },
      onQuiet: () => undefined,
      onData: () => undefined,
      onEnd: () => undefined,
      onError: () => {
        end(false)
      },
    },
  )
  return () => {
    end(null)
  }
}
