import t from 'tap'
import { readTraceSettings } from '../../../src/ops/trace/settings.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

t.test('traces are on where a collector is named, and nothing turns them off', async (t) => {
  t.equal(readTraceSettings({}), null)
  t.equal(readTraceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), null)
  t.equal(readTraceSettings({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }), null)
  t.equal(readTraceSettings({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }), null)
  t.match(readTraceSettings(endpoint), {
    url: 'http://collector:4318/v1/traces',
    timeoutMs: 10_000,
    compression: 'none',
    resource: { 'service.name': 'sallyport' },
    sampler: { isParentBased: true, ratio: 1 },
    queued: 2048,
    batch: 512,
    delayMs: 5000,
  })
})

t.test(
  'an address for traces alone is taken as it is, and counts before the shared one',
  async (t) => {
    const urlOf = (env: Readonly<Record<string, string>>) => readTraceSettings(env)?.url
    t.equal(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a/b/' }), 'https://a/b/v1/traces')
    const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t/in?x=1' }
    t.equal(urlOf({ ...endpoint, ...own }), 'https://t/in?x=1')
    const headers = {
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: ' b = 2%3D , ',
    }
    t.strictSame(readTraceSettings({ ...endpoint, ...headers })?.headers, { b: '2=' })
  },
)

t.test('what cannot be meant is refused by its name, and no value is repeated', async (t) => {
  const wrong = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'secret-value',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_RESOURCE_ATTRIBUTES: 'a=%zz',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_BSP_MAX_QUEUE_SIZE: '-1',
  }
  for (const [name, value] of Object.entries(wrong)) {
    const read = (): unknown => readTraceSettings({ ...endpoint, [name]: value })
    t.throws(read, { name: 'StartupError', message: new RegExp(`^${name}: `) })
    t.throws(read, { message: new RegExp(`^(?!.*${value})`) })
  }
  const ratio = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }
  t.throws(() => readTraceSettings({ ...endpoint, ...ratio }), /OTEL_TRACES_SAMPLER_ARG/)
})
