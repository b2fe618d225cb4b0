import { once } from 'node:events'
import t from 'tap'
import { origin, signUp, startGateway, type Running, type SignedIn } from '../../helper/gateway.ts'
import { open, startStreams, until } from '../sse/fastapi.ts'
import { closeOf, startSocketBackend } from '../websocket/backend.ts'
import { connect, nextMessage } from '../websocket/client.ts'
import { metricsOf, recordOf } from './stage.ts'

const routes = `
  - { name: live, match: { path: /live/* }, upstream: api, websocket: true, enforce: { mode: observe, userHeader: X-Legacy-User } }
  - { name: events, match: { path: /events/* }, upstream: api, enforce: false }`

async function signOut(gateway: Running, { cookie }: SignedIn): Promise<void> {
  const headers = { cookie, origin, 'content-type': 'application/json' }
  await gateway.request('/api/auth/sign-out', { method: 'POST', headers, body: '{}' })
}

t.test(
  'a WebSocket outlives the session that opened it, and what would have ended it is noted',
  async (t) => {
    const backend = await startSocketBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const user = await signUp(gateway)
    const headers = { cookie: user.cookie, origin, 'x-request-id': 'socket-of-ada' }
    const client = await connect(t, gateway, '/live/x', { headers })
    const arrived = await backend.arrival()
    t.equal(arrived.request.headers['x-user-id'], user.id)
    await signOut(gateway, user)
    client.send('still here')
    t.equal(await nextMessage(client), 'still here')
    client.close(1000)
    await arrived.closed
    const record = await recordOf(gateway, 'socket-of-ada')
    t.match(record, {
      kind: 'websocket',
      decision: 'forwarded',
      observed: 'session_revoked',
      code: null,
    })
  },
)

t.test(
  'a handshake that would be refused is opened, and the header that names the user stays here',
  async (t) => {
    const backend = await startSocketBackend(t, { headers: ['X-Legacy-User: 17', 'X-Other: a'] })
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const headers = {
      origin: 'https://evil.test',
      authorization: 'Bearer legacy',
      'x-request-id': 'socket-of-nobody',
    }
    const answered = connect(t, gateway, '/live/x', { headers })
    const client = await answered
    const { request } = await backend.arrival()
    t.equal(request.headers['authorization'], 'Bearer legacy')
    t.equal(request.headers['x-user-id'], undefined)
    client.close(1000)
    await once(client, 'close')
    t.match(await recordOf(gateway, 'socket-of-nobody'), { observed: 'token_invalid', status: 101 })
    t.match(
      await metricsOf(gateway),
      /sallyport_observed_users_total\{route="live",result="only_application"\} 1/,
    )
  },
)

t.test('an event stream outlives its session, and ends with the gateway', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const user = await signUp(gateway)
  const lines = [`Cookie: ${user.cookie}`, 'X-Request-Id: stream-of-ada']
  const wire = await open(t, gateway.url, '/events/x', lines)
  await until(() => backend.opened.length === 1)
  await signOut(gateway, user)
  backend.opened[0]?.write('data: still here\n\n')
  await wire.until(/still here/)
  t.notMatch(wire.text(), /event: sallyport/)
  const closed = gateway.gateway.close()
  t.match(await wire.ended, /event: sallyport\ndata: .*shutting_down/)
  await closed
  const record = await recordOf(gateway, 'stream-of-ada')
  t.match(record, { observed: 'session_revoked', code: 'shutting_down' })
})

t.test('how many streams a client may have open is no matter of who it is', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    server: 'limits: { streamsPerClient: 1 }',
  })
  const user = await signUp(gateway)
  const headers = { cookie: user.cookie, origin, 'x-forwarded-for': '192.0.2.1' }
  const first = await connect(t, gateway, '/live/x', { headers })
  const second = { ...headers, 'x-request-id': 'socket-too-many' }
  await t.rejects(connect(t, gateway, '/live/x', { headers: second }), /503/)
  const record = await recordOf(gateway, 'socket-too-many')
  t.match(record, { code: 'overloaded', observed: null })
  await signOut(gateway, user)
  await t.rejects(connect(t, gateway, '/live/x', { headers }), /503/)
  const ended = closeOf(first)
  first.close(1000)
  await ended
  const again = await connect(t, gateway, '/live/x', { headers })
  t.equal(again.readyState, again.OPEN)
})
