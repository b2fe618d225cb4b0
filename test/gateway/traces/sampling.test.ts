import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { startTraced, traceId, traceparent } from './stage.ts'

/** Whether FastAPI is told that the trace is recorded. */
const flags = (value: unknown): string => String(value).slice(-2)

t.test('only a trusted proxy decides what is recorded; everybody’s trace goes on', async (t) => {
  for (const [trustedProxies, sampler, said, told] of [
    ['127.0.0.1', 'parentbased_always_on', '00', '00'],
    ['127.0.0.1', 'parentbased_always_off', '01', '01'],
    ['127.0.0.1', 'always_off', '01', '00'],
    ['127.0.0.1', 'always_on', '00', '01'],
    ['192.0.2.1', 'parentbased_always_on', '00', '01'],
    ['192.0.2.1', 'parentbased_always_off', '01', '00'],
    ['192.0.2.1', 'parentbased_traceidratio', '01', '00'],
  ] as const) {
    const env = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0' }
    const { gateway, backend, collector } = await startTraced(t, { trustedProxies, env })
    await gateway.request('/open/x', { headers: { traceparent: traceparent(said) } })
    const sent = backend.seen[0]?.headers['traceparent']
    const name = `${sampler}, ${said} from ${trustedProxies}`
    t.match(sent, `00-${traceId}-`, name)
    t.equal(flags(sent), told, name)
    await gateway.gateway.close()
    t.equal(collector.spans.length, told === '01' ? 2 : 0, name)
  }
})

t.test('of many traces that begin here the share is recorded that is asked for', async (t) => {
  const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' }
  const { gateway, backend } = await startTraced(t, { env })
  for (let count = 0; count < 200; count += 1) await gateway.request('/open/x')
  const recorded = backend.seen.filter(({ headers }) => flags(headers['traceparent']) === '01')
  t.ok(recorded.length > 50 && recorded.length < 150, String(recorded.length))
})

t.test('without a collector the client’s trace passes as it came', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const headers = { traceparent: 'anything', tracestate: 'UPPER=1' }
  await gateway.request('/open/x', { headers })
  t.match(backend.seen[0]?.headers, headers)
  t.equal(gateway.records[0]?.traceId, null)
})
