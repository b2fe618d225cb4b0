import t from 'tap'
import { origin, signUp } from '../../helper/gateway.ts'
import { open, startStreams } from '../sse/fastapi.ts'
import { closeOf, startSocketBackend } from '../websocket/backend.ts'
import { connect } from '../websocket/client.ts'
import { spanId, startTraced, traceId, traceparent } from './stage.ts'

t.test(
  'a forwarded request is two spans of the caller’s trace, and FastAPI goes on from the second',
  async (t) => {
    const { gateway, backend, collector } = await startTraced(t, {
      env: {
        OTEL_SERVICE_NAME: 'edge',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=a%2Cb',
      },
    })
    const { cookie } = await signUp(gateway)
    const before = (await collector.until(1)).length
    const sentAtMs = Date.now()
    const headers = { cookie, traceparent: traceparent(), tracestate: 'vendor=1,other=a b' }
    await gateway.request('/api/todos/7?token=secret', {
      headers: { ...headers, 'x-request-id': 'request-seven' },
    })
    const [server, client] = (await collector.until(before + 2)).slice(before)
    if (server === undefined || client === undefined) throw new Error('there are no spans')
    t.match(server, {
      traceId,
      parentId: spanId,
      name: 'GET api',
      kind: 2,
      status: 0,
      state: 'vendor=1,other=a b',
    })
    t.strictSame(server.attributes, {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/api/todos/7',
      'http.route': 'api',
      'http.response.status_code': 200,
      'client.address': '127.0.0.1',
      'server.address': 'app.test',
      'server.port': 80,
      'sallyport.kind': 'http',
      'sallyport.decision': 'forwarded',
      'sallyport.credential': 'session',
      'sallyport.request_id': 'request-seven',
    })
    t.strictSame(server.resource, {
      'service.version': '0',
      'service.name': 'edge',
      'deployment.environment.name': 'a,b',
    })
    t.match(client, { traceId, parentId: server.spanId, name: 'GET', kind: 3, status: 0 })
    t.strictSame(client.attributes, {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(backend.url).port),
      'sallyport.upstream': 'api',
    })
    t.ok(client.startNs >= server.startNs && client.endNs <= server.endNs)
    t.ok(Math.abs(Number(server.startNs / 1_000_000n) - sentAtMs) < 5000)
    t.match(backend.seen.at(-1)?.headers, {
      traceparent: `00-${traceId}-${client.spanId}-01`,
      tracestate: 'vendor=1,other=a b',
    })
    const line = gateway.log.find(
      ({ requestId, msg }) => requestId === 'request-seven' && msg === 'request',
    )
    t.equal(line?.['traceId'], traceId)
  },
)

t.test(
  'without a caller’s trace, or with one that breaks the rules, a new one begins',
  async (t) => {
    const { gateway, backend } = await startTraced(t)
    const good = traceparent()
    const cases: readonly (readonly string[])[] = [
      [],
      ['traceparent', good.toUpperCase()],
      ['traceparent', `ff${good.slice(2)}`],
      ['traceparent', `${good}-more`],
      ['traceparent', good.slice(0, -1)],
      ['traceparent', `00-${'0'.repeat(32)}-${spanId}-01`],
      ['traceparent', `00-${traceId}-${'0'.repeat(16)}-01`],
      ['traceparent', good, 'traceparent', good],
    ]
    for (const headers of cases) {
      await gateway.request('/open/x', { headers: [...headers, 'tracestate', 'vendor=1'] })
      const seen = backend.seen.at(-1)?.headers
      t.match(seen?.['traceparent'], /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
      t.notMatch(seen?.['traceparent'], traceId)
      t.equal(seen?.['tracestate'], undefined, 'the state belongs to a trace')
    }
    await gateway.request('/open/x', { headers: { traceparent: `01${good.slice(2)}-more` } })
    t.match(backend.seen.at(-1)?.headers['traceparent'], `00-${traceId}`, 'a later version')
    for (const tracestate of ['UPPER=1', 'a=1,a=2', `a=${'x'.repeat(600)}`, 'a', 'a=1=2']) {
      await gateway.request('/open/x', { headers: { traceparent: good, tracestate } })
      const seen = backend.seen.at(-1)?.headers
      t.match(seen?.['traceparent'], `00-${traceId}`)
      t.equal(seen?.['tracestate'], undefined, tracestate.slice(0, 20))
    }
  },
)

t.test('what the gateway answers itself is one span, with the code', async (t) => {
  const { gateway, collector } = await startTraced(t)
  await gateway.request('/api/x')
  const [refused] = await collector.until(1)
  t.match(refused, { name: 'GET api', kind: 2, status: 0, parentId: '' })
  t.match(refused?.attributes, {
    'sallyport.code': 'credential_missing',
    'http.response.status_code': 401,
  })
  await gateway.request('/nowhere')
  const [, missing] = await collector.until(2)
  t.match(missing, { name: 'GET', attributes: { 'sallyport.decision': 'refused' } })
  t.equal(collector.spans.length, 2)
})

t.test('an upstream that is away is an error of both spans', async (t) => {
  const { gateway, collector } = await startTraced(t, { upstream: 'http://127.0.0.1:1' })
  await gateway.request('/open/x')
  const [server, client] = await collector.until(2)
  const attributes = { 'error.type': 'upstream_unreachable' }
  t.match(server, { status: 2, attributes: { ...attributes, 'http.response.status_code': 502 } })
  t.match(client, { status: 2, attributes: { ...attributes, 'server.port': 1 } })
  t.equal(client?.attributes['http.response.status_code'], undefined)
})

t.test('a WebSocket is a span that ends when it does', async (t) => {
  const sockets = await startSocketBackend(t)
  const routes =
    '\n  - { name: live, match: { path: /live/* }, upstream: api, websocket: true, auth: none }'
  const { gateway, collector } = await startTraced(t, { upstream: sockets.url, routes })
  const client = await connect(t, gateway, '/live/x', {
    headers: { origin, traceparent: traceparent() },
  })
  const { request } = await sockets.arrival()
  t.equal(collector.spans.length, 0)
  const ended = closeOf(client)
  client.close(1000)
  await ended
  const [server, upstream] = await collector.until(2)
  t.match(server, {
    traceId,
    parentId: spanId,
    attributes: { 'sallyport.kind': 'websocket', 'http.response.status_code': 101 },
  })
  t.equal(request.headers['traceparent'], `00-${traceId}-${String(upstream?.spanId)}-01`)
})

t.test('an event stream is a span that ends when it does', async (t) => {
  const streams = await startStreams(t)
  const { gateway, collector } = await startTraced(t, { upstream: streams.url })
  const wire = await open(t, gateway.url)
  t.equal(collector.spans.length, 0)
  streams.opened[0]?.end('data: 1\n\n')
  await wire.until(/\r\n0\r\n\r\n$/)
  const [server] = await collector.until(2)
  t.match(server?.attributes, {
    'sallyport.kind': 'event-stream',
    'http.response.status_code': 200,
  })
})
