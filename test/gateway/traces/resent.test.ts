import t from 'tap'
import { closedPort, startBackend } from '../../helper/backend.ts'
import { origin } from '../../helper/gateway.ts'
import { closeOf, startSocketBackend } from '../websocket/backend.ts'
import { connect } from '../websocket/client.ts'
import { startTraced, traceId, traceparent } from './stage.ts'

const resends = 'http.request.resend_count'

t.test('each time that a request is sent is a span, and FastAPI is told the last', async (t) => {
  const dead = [await closedPort(), await closedPort()]
  const living = await startBackend(t)
  const targets = JSON.stringify([...dead, living.url])
  const { gateway, collector } = await startTraced(t, {
    upstream: `  api: { targets: ${targets}, balance: round-robin, retry: { attempts: 2 } }`,
  })
  const reply = await gateway.request('/open/x', { headers: { traceparent: traceparent() } })
  t.equal(reply.status, 200)
  const [server, first, second, last] = await collector.until(4)
  const unreachable = { 'error.type': 'upstream_unreachable', 'sallyport.upstream': 'api' }
  t.match(server, { kind: 2, status: 0, traceId })
  for (const [index, span] of [first, second].entries()) {
    t.match(span, { kind: 3, status: 2, parentId: server?.spanId, traceId, name: 'GET' })
    t.match(span?.attributes, unreachable)
    t.equal(span?.attributes[resends], index === 0 ? undefined : index)
    t.equal(span?.attributes['http.response.status_code'], undefined)
    t.equal(span?.attributes['server.port'], Number(new URL(dead[index] ?? '').port))
  }
  t.match(last, { kind: 3, status: 0, parentId: server?.spanId })
  t.match(last?.attributes, { [resends]: 2, 'http.response.status_code': 200 })
  t.equal(last?.attributes['error.type'], undefined)
  const spans = [first, second, last]
  t.equal(new Set(spans.map((span) => span?.spanId)).size, 3, 'each has an id of its own')
  t.match(living.seen[0]?.headers, { traceparent: `00-${traceId}-${String(last?.spanId)}-01` })
  const times = spans.flatMap((span) => [span?.startNs ?? 0n, span?.endNs ?? 0n])
  t.strictSame(
    times,
    [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    'one after the other',
  )
  t.ok(times[0]! >= server!.startNs && times[5]! <= server!.endNs)
  t.equal(gateway.records.length, 1, 'and one record')
})

t.test('the last one in vain is the one that the answer is about', async (t) => {
  const { gateway, collector } = await startTraced(t, {
    upstream: `  api: { url: "${await closedPort()}", retry: { attempts: 1 } }`,
  })
  t.equal((await gateway.request('/open/x')).status, 502)
  const [server, first, last] = await collector.until(3)
  t.match(server, { status: 2 })
  const unreachable = { 'error.type': 'upstream_unreachable' }
  t.match(first, { status: 2, attributes: unreachable })
  t.match(last, { status: 2, attributes: { ...unreachable, [resends]: 1 } })
  t.equal(collector.spans.length, 3)
})

t.test('what finds no slot again is not sent again', async (t) => {
  const { gateway, collector } = await startTraced(t, {
    upstream: `  api: { url: "${await closedPort()}", retry: { attempts: 1 }, breaker: { errors: 1%, minimum: 1, window: 10s, open: 5s } }`,
  })
  t.equal((await gateway.request('/open/x')).status, 503)
  const [server, only] = await collector.until(2)
  t.match(server?.attributes, { 'sallyport.code': 'upstream_unavailable' })
  t.match(only?.attributes, { 'error.type': 'upstream_unreachable' })
  t.equal(collector.spans.length, 2)
})

t.test('a WebSocket that is dialled again', async (t) => {
  const sockets = await startSocketBackend(t)
  const targets = JSON.stringify([await closedPort(), sockets.url])
  const { gateway, collector } = await startTraced(t, {
    upstream: `  api: { targets: ${targets}, balance: round-robin, retry: { attempts: 1 } }`,
    routes:
      '\n  - { name: live, match: { path: /live/* }, upstream: api, websocket: true, auth: none }',
  })
  const client = await connect(t, gateway, '/live/x', { headers: { origin } })
  const { request } = await sockets.arrival()
  const ended = closeOf(client)
  client.close(1000)
  await ended
  const [, first, last] = await collector.until(3)
  t.match(first, { status: 2, attributes: { 'error.type': 'upstream_unreachable' } })
  t.match(last, { status: 0, attributes: { [resends]: 1 } })
  t.match(request.headers['traceparent'], String(last?.spanId))
})
