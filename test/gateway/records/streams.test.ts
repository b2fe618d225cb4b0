import { once } from 'node:events'
import t from 'tap'
import { origin, signUp, startGateway, type Running, type SignedIn } from '../../helper/gateway.ts'
import { open, startStreams } from '../sse/fastapi.ts'
import { startSocketBackend } from '../websocket/backend.ts'
import { begin, connect, connectRaw, handshake, refusalOf, routes } from '../websocket/client.ts'
import { recordOf, recordsOf } from './records.ts'

async function signOut(gateway: Running, { cookie }: SignedIn): Promise<void> {
  await gateway.request('/api/auth/sign-out', {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'application/json' },
    body: '{}',
  })
}

t.test('an event stream is said when it ends, and why', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const ada = await signUp(gateway)
  const wire = await open(t, gateway.url, '/api/events?x=1', [`Cookie: ${ada.cookie}`])
  const ours = await open(t, gateway.url, '/_gateway/events', [`Cookie: ${ada.cookie}`])
  const records = await recordsOf(
    gateway,
    async () => {
      await signOut(gateway, ada)
      await Promise.all([wire.until(/0\r\n\r\n$/), ours.until(/0\r\n\r\n$/)])
    },
    3,
  )
  const stream = { kind: 'event-stream', code: 'session_revoked', status: 200, userId: ada.id }
  t.match(
    records.find(({ path }) => path === '/api/events'),
    { ...stream, decision: 'forwarded', route: 'api' },
  )
  t.match(
    records.find(({ path }) => path === '/_gateway/events'),
    { ...stream, decision: 'endpoint', route: null },
  )
})

t.test('a stream that the client leaves, or FastAPI breaks off', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const left = await open(t, gateway.url)
  t.match(await recordOf(gateway, async () => left.socket.destroy()), {
    ...{ kind: 'event-stream', decision: 'forwarded', status: 200, cut: true, code: null },
  })
  const broken = await open(t, gateway.url)
  const record = await recordOf(gateway, async () => {
    backend.opened[1]!.socket!.destroy()
    await broken.ended
  })
  t.match(record, { kind: 'event-stream', cut: true, code: 'upstream_unreachable' })
})

t.test('a WebSocket is said when it ends, and why', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const ada = await signUp(gateway)
  const headers = { cookie: ada.cookie, origin }
  const expected = { kind: 'websocket', decision: 'forwarded', route: 'live', status: 101 }
  const closed = await connect(t, gateway, '/live/x?y=1', { headers })
  const record = await recordOf(gateway, async () => {
    closed.close(1000)
  })
  t.match(record, { ...expected, path: '/live/x', code: null, userId: ada.id, upstream: 'api' })
  t.ok((record.upstreamMs ?? 0) > 0)
  await backend.arrival()
  await connect(t, gateway, '/live/x', { headers })
  const { socket } = await backend.arrival()
  const broken = await recordOf(gateway, async () => {
    socket.terminate()
  })
  t.match(broken, { ...expected, code: 'upstream_unreachable' })
  const revoked = await connect(t, gateway, '/live/x', { headers })
  const records = await recordsOf(
    gateway,
    async () => {
      await signOut(gateway, ada)
      if (revoked.readyState !== revoked.CLOSED) await once(revoked, 'close')
    },
    2,
  )
  t.match(
    records.find(({ kind }) => kind === 'websocket'),
    { ...expected, code: 'session_revoked' },
  )
})

t.test('a handshake that is refused is said once', async (t) => {
  const backend = await startSocketBackend(t, {
    onUpgrade: (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    yaml: 'verify: { from: [127.0.0.1], dialect: nginx }',
  })
  const inFrame = await recordOf(gateway, () =>
    once(begin(t, gateway, '/live/x', { headers: { origin } }), 'close'),
  )
  const refused = { kind: 'websocket', decision: 'refused', code: 'credential_missing' }
  t.match(inFrame, { ...refused, status: 101, route: 'live' })
  const inHttp = await recordOf(gateway, () => refusalOf(begin(t, gateway, '/live/x')))
  t.match(inHttp, { ...refused, status: 401 })
  const malformed = handshake('/open/x').replace('13', '12')
  t.match(await recordOf(gateway, () => connectRaw(t, gateway, malformed)), {
    ...{ decision: 'refused', code: 'request_malformed', status: 400, route: 'open' },
  })
  t.match(await recordOf(gateway, () => refusalOf(begin(t, gateway, '/nowhere'))), {
    ...{ decision: 'refused', code: 'route_not_found', route: null },
  })
  t.match(await recordOf(gateway, () => refusalOf(begin(t, gateway, '/open/x'))), {
    ...{ kind: 'websocket', decision: 'forwarded', status: 403, code: null, upstream: 'api' },
  })
  const question = handshake('/_gateway/verify', [
    'X-Original-Method: GET',
    'X-Original-URI: /live/x',
    'X-Forwarded-For: 192.0.2.7',
  ])
  t.match(await recordOf(gateway, () => connectRaw(t, gateway, question)), {
    ...{ decision: 'verify', code: 'credential_missing', status: 401, path: '/live/x' },
  })
})
