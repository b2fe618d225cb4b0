import { StartupError } from '../../errors/startup.ts'

/** What OpenTelemetry's environment variables say of traces. */
export interface TraceSettings {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly compression: 'gzip' | 'none'
  /** Of this process: `service.name` and what the operator adds. */
  readonly resource: Readonly<Record<string, string>>
  readonly sampler: SamplerSettings
  /** Spans that wait at most; more are dropped. */
  readonly queued: number
  /** Spans of one request to the collector at most. */
  readonly batch: number
  /** How long a span waits at most, milliseconds. */
  readonly delayMs: number
}

export interface SamplerSettings {
  /** What a trusted caller says counts. */
  readonly isParentBased: boolean
  /** Share of the traces that begin here, 0 to 1. */
  readonly ratio: number
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the standard variables (OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter"). null: no
 * collector is named, or `OTEL_SDK_DISABLED` is true.
 * @throws StartupError for a value that cannot be meant, naming the variable and not its value: headers hold secrets
 */
export function readTraceSettings(env: Environment): TraceSettings | null {
  const of = (name: string): string => env[name]?.trim() ?? ''
  const isOff = of('OTEL_SDK_DISABLED').toLowerCase() === 'true'
  if (isOff || of('OTEL_TRACES_EXPORTER').toLowerCase() === 'none') return null
  const url = urlOf(of)
  if (url === null) return null
  const protocol = either(of, 'PROTOCOL')
  if (protocol !== '' && protocol !== 'http/protobuf') {
    throw new StartupError('OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf is spoken')
  }
  const queued = count(of, 'OTEL_BSP_MAX_QUEUE_SIZE', 2048)
  return {
    url,
    headers: pairs(either(of, 'HEADERS'), 'OTEL_EXPORTER_OTLP_HEADERS'),
    timeoutMs: count(of, 'OTEL_EXPORTER_OTLP_TIMEOUT', 10_000),
    compression: either(of, 'COMPRESSION') === 'gzip' ? 'gzip' : 'none',
    resource: resourceOf(of),
    sampler: samplerOf(of),
    queued,
    batch: Math.min(queued, count(of, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512)),
    delayMs: count(of, 'OTEL_BSP_SCHEDULE_DELAY', 5000),
  }
}

type Read = (name: string) => string

/** What is said for traces counts before what is said for every signal. */
function either(of: Read, name: string): string {
  return of(`OTEL_EXPORTER_OTLP_TRACES_${name}`) || of(`OTEL_EXPORTER_OTLP_${name}`)
}

function urlOf(of: Read): string | null {
  const own = of('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  const shared = of('OTEL_EXPORTER_OTLP_ENDPOINT')
  const name = own === '' ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  const written = own === '' ? shared : own
  if (written === '') return null
  const url = URL.parse(written)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new StartupError(`${name}: not an http or https URL`)
  }
  if (own === '') url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`
  return url.href
}

function resourceOf(of: Read): Readonly<Record<string, string>> {
  const added = pairs(of('OTEL_RESOURCE_ATTRIBUTES'), 'OTEL_RESOURCE_ATTRIBUTES')
  const name = of('OTEL_SERVICE_NAME')
  return { 'service.name': 'sallyport', ...added, ...(name === '' ? {} : { 'service.name': name }) }
}

/** `key=value` pairs, separated by commas and percent-encoded, as in W3C Baggage. */
function pairs(text: string, name: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue
    const equals = pair.indexOf('=')
    if (equals < 1) throw new StartupError(`${name}: not a list of key=value pairs`)
    try {
      found[pair.slice(0, equals).trim()] = decodeURIComponent(pair.slice(equals + 1).trim())
    } catch {
      throw new StartupError(`${name}: a value is not percent-encoded`)
    }
  }
  return found
}

function samplerOf(of: Read): SamplerSettings {
  const name = of('OTEL_TRACES_SAMPLER') || 'parentbased_always_on'
  const isParentBased = name.startsWith('parentbased_')
  const root = isParentBased ? name.slice('parentbased_'.length) : name
  switch (root) {
    case 'always_on':
      return { isParentBased, ratio: 1 }
    case 'always_off':
      return { isParentBased, ratio: 0 }
    case 'traceidratio':
      return { isParentBased, ratio: ratioOf(of('OTEL_TRACES_SAMPLER_ARG')) }
    default:
      throw new StartupError('OTEL_TRACES_SAMPLER: not a sampler that is known here')
  }
}

function ratioOf(text: string): number {
  const ratio = text === '' ? 1 : Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new StartupError('OTEL_TRACES_SAMPLER_ARG: not a number from 0 to 1')
}

function count(of: Read, name: string, preset: number): number {
  const text = of(name)
  if (text === '') return preset
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new StartupError(`${name}: not a whole number above 0`)
}
