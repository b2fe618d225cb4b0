import { pino } from 'pino'
import type { Test } from 'tap'
import { openTracer } from '../../../src/ops/trace/open.ts'
import { startBackend, type Answer, type Backend } from '../../helper/backend.ts'
import { origin, startGateway, type Running, type StartOptions } from '../../helper/gateway.ts'
import { startCollector, type Collector } from './collector.ts'

export interface Traced {
  readonly gateway: Running
  readonly backend: Backend
  readonly collector: Collector
  /** What the tracer has said. */
  readonly lines: readonly string[]
}

export interface TracedOptions extends Partial<StartOptions> {
  readonly env?: Readonly<Record<string, string>>
  readonly answer?: Answer
  /** The collector answers nothing. */
  readonly holds?: boolean
}

/** A gateway that tells a collector of its requests as soon as they are over, unless `env` says otherwise. */
export async function startTraced(t: Test, options: TracedOptions = {}): Promise<Traced> {
  const { env = {}, answer, holds = false, ...more } = options
  const backend = await startBackend(t, answer)
  const collector = await startCollector(t, holds)
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => lines.push(line) })
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '1',
    ...env,
  }
  const tracer = await openTracer(variables, { logger, version: '0', publicUrl: origin })
  if (tracer === null) throw new Error('traces are off')
  const gateway = await startGateway(t, { upstream: backend.url, tracer, ...more })
  return { gateway, backend, collector, lines }
}

export const traceId = '0af7651916cd43dd8448eb211c80319c'
export const spanId = 'b7ad6b7169203331'
export const traceparent = (flags = '01'): string => `00-${traceId}-${spanId}-${flags}`
