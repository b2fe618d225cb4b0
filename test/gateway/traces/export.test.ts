import { once } from 'node:events'
import t from 'tap'
import { origin, signUp, type Running } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { startTraced } from './stage.ts'

async function spansCounted({ adminUrl }: Running): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${String(adminUrl)}/metrics`)).text()
  const lines = text.matchAll(/^sallyport_trace_spans_total\{result="(.*)"\} (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, result = '', count]) => [result, Number(count)]))
}

t.test('no cookie, token, key or query is in a span', async (t) => {
  const { gateway, collector } = await startTraced(t, { yaml: 'bearer: { apiKeys: true }' })
  const { cookie, email, id } = await signUp(gateway)
  const token = mint(goodClaims())
  const secrets = [
    cookie.slice(cookie.indexOf('=') + 1),
    token,
    'key-0123456789',
    'query-secret',
    email,
    id,
  ]
  await gateway.request('/api/x?a=query-secret', {
    headers: { cookie, referer: `${origin}/?query-secret` },
  })
  await gateway.request('/api/x', { headers: { authorization: `Bearer ${token}` } })
  await gateway.request('/api/x', { headers: { 'x-api-key': 'key-0123456789' } })
  await gateway.request(`/api/auth/reset-password/${token}`)
  await gateway.request('/open/x?ticket=query-secret', { headers: { accept: 'text/event-stream' } })
  await gateway.gateway.close()
  t.ok(collector.spans.length >= 8)
  for (const secret of secrets) t.notOk(collector.bytes().includes(secret), secret.slice(0, 12))
})

t.test('what is for the collector reaches it: its headers, compressed', async (t) => {
  const { gateway, collector } = await startTraced(t, {
    env: {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b,authorization=Basic%20abc',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    },
  })
  await gateway.request('/open/x')
  await collector.until(2)
  t.match(collector.headers[0], {
    'x-tenant': 'a b',
    authorization: 'Basic abc',
    'content-encoding': 'gzip',
    'content-type': 'application/x-protobuf',
  })
})

t.test('a collector that does not answer costs spans, and no request waits', async (t) => {
  const { gateway, collector } = await startTraced(t, {
    holds: true,
    env: { OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' },
  })
  for (let count = 0; count < 10; count += 1) {
    t.equal((await gateway.request('/open/x')).status, 200)
  }
  // Two are under way and four wait.
  t.strictSame(await spansCounted(gateway), { exported: 0, dropped: 14, failed: 0 })
  const [held] = collector.held
  const closed = gateway.gateway.close()
  held?.end()
  await once(held!, 'close')
  await collector.until(4)
  collector.held[1]?.end()
  await collector.until(6)
  collector.held[2]?.end()
  await closed
})

t.test('a collector that is away is said once, and what was for it is counted', async (t) => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '50',
  }
  const { gateway, lines } = await startTraced(t, { env })
  t.equal((await gateway.request('/open/x')).status, 200)
  const isCounted = async (): Promise<boolean> => (await spansCounted(gateway))['failed'] === 2
  while (!(await isCounted())) await new Promise(setImmediate)
  t.equal(lines.length, 1)
  t.match(lines[0], /takes no spans/)
})

t.test('the end of the gateway sends what is left', async (t) => {
  const env = { OTEL_BSP_SCHEDULE_DELAY: '600000' }
  const { gateway, collector } = await startTraced(t, { env })
  await gateway.request('/open/x')
  t.equal(collector.spans.length, 0)
  await gateway.gateway.close()
  t.equal(collector.spans.length, 2)
})

t.test('a collector that does not answer holds up the end for two seconds at most', async (t) => {
  const { gateway } = await startTraced(t, { holds: true })
  await gateway.request('/open/x')
  const before = performance.now()
  await gateway.gateway.close()
  t.ok(performance.now() - before < 6000)
})
