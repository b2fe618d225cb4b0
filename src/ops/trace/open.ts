import { randomBytes } from 'node:crypto'
import type * as Api from '@opentelemetry/api'
import type { HrTime } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { FastifyBaseLogger } from 'fastify'
import { readTrace, type CallerTrace, type TraceContext } from '../../proxy/headers/trace.ts'
import type { Tracer } from './port.ts'
import { SpanQueue } from './queue.ts'
import { readTraceSettings, type SamplerSettings } from './settings.ts'
import { toSpans, type SpanDraft } from './spans.ts'

export interface TracerOptions {
  readonly logger: FastifyBaseLogger
  /** Of this gateway. */
  readonly version: string
  /** `server.publicUrl`. */
  readonly publicUrl: string
}

/** How long the end of the process waits for the last spans. */
const closeMs = 2000

/**
 * Traces for the collector that the environment names, or null where it names none; only then is anything of OpenTelemetry loaded.
 * Not checked: whether the collector is there.
 * @throws StartupError for a variable that cannot be meant
 */
export async function openTracer(
  env: Readonly<Record<string, string | undefined>>,
  { logger, version, publicUrl }: TracerOptions,
): Promise<Tracer | null> {
  const settings = readTraceSettings(env)
  if (settings === null) return null
  const [{ OTLPTraceExporter }, { resourceFromAttributes }, api] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/api'),
  ])
  const { url, headers, timeoutMs: timeoutMillis, compression } = settings
  const options = { url, headers: { ...headers }, timeoutMillis }
  const exporter = new OTLPTraceExporter({ ...options, compression: compression as never })
  const onState = (isUp: boolean): void => {
    if (isUp) logger.info('the trace collector takes spans again')
    else logger.warn('the trace collector takes no spans: they are dropped')
  }
  const queue = new SpanQueue<ReadableSpan>(exporter, { ...settings, closeMs, onState })
  const resource = resourceFromAttributes({ 'service.version': version, ...settings.resource })
  const scheme = new URL(publicUrl).protocol.slice(0, -1)
  const instrumentationScope = { name: 'sallyport', version }
  return {
    counts: queue.counts,
    begin: (rawHeaders, isTrusted) => begin(readTrace(rawHeaders), isTrusted, settings.sampler),
    again: (trace) => ({ ...trace, upstreamId: randomBytes(8).toString('hex') }),
    end: (record, trace, sendings) => {
      if (!trace.isSampled) return
      const state = trace.state === null ? {} : { traceState: api.createTraceState(trace.state) }
      for (const draft of toSpans(record, trace, sendings, scheme)) {
        const shared = { traceId: trace.traceId, ...state }
        queue.add(toReadable(draft, shared, { resource, instrumentationScope, api }))
      }
    },
    close: () => queue.close(),
  }
}

/** A trace that a caller has begun goes on; whether it is recorded is only for those to say who are trusted. */
function begin(
  caller: CallerTrace | null,
  isTrusted: boolean,
  { isParentBased, ratio }: SamplerSettings,
): TraceContext {
  const random = randomBytes(32).toString('hex')
  const isSaid = isParentBased && isTrusted && caller !== null
  return {
    traceId: caller?.traceId ?? random.slice(0, 32),
    spanId: random.slice(32, 48),
    upstreamId: random.slice(48),
    parentId: caller?.spanId ?? null,
    // By chance and not by the trace id, which a client chooses.
    isSampled: isSaid ? caller.isSampled : Math.random() < ratio,
    state: caller?.state ?? null,
  }
}

type Shared = Pick<ReturnType<ReadableSpan['spanContext']>, 'traceId' | 'traceState'>

interface Common {
  readonly resource: Resource
  readonly instrumentationScope: ReadableSpan['instrumentationScope']
  readonly api: Pick<typeof Api, 'SpanKind' | 'SpanStatusCode'>
}

function toReadable(
  draft: SpanDraft,
  shared: Shared,
  { resource, instrumentationScope, api: { SpanKind, SpanStatusCode } }: Common,
): ReadableSpan {
  const { name, kind, id, parentId, isParentRemote, startMs, endMs, attributes } = draft
  const context = { ...shared, spanId: id, traceFlags: 1 }
  const parent = { ...shared, spanId: parentId ?? '', traceFlags: 1, isRemote: isParentRemote }
  return {
    ...{
      name,
      kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
      spanContext: () => context,
    },
    ...(parentId === null ? {} : { parentSpanContext: parent }),
    ...{ startTime: toHrTime(startMs), endTime: toHrTime(endMs) },
    ...{ duration: toHrTime(endMs - startMs), ended: true },
    status: { code: draft.isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    ...{ attributes: { ...attributes }, links: [], events: [], resource, instrumentationScope },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  }
}

/** Seconds and nanoseconds. */
function toHrTime(ms: number): HrTime {
  const micros = Math.round(ms * 1000)
  return [Math.floor(micros / 1e6), (micros % 1e6) * 1000]
}
