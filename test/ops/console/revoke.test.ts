import t from 'tap'
import { closeOf, startSocketBackend } from '../../gateway/websocket/backend.ts'
import { connect, routes, until } from '../../gateway/websocket/client.ts'
import { origin, signUp } from '../../helper/gateway.ts'
import type { ConsoleAction } from '../../../src/ops/console/port.ts'
import { askAdmin, bearer, post, signInAt, startAlone, startWithConsole } from './stage.ts'

interface Listed {
  readonly total: number
  readonly users: number
  readonly shown: readonly Readonly<Record<string, unknown>>[]
}

async function liveAt(admin: string): Promise<Listed> {
  return (await askAdmin(admin, '/console/state')).json()['live'] as Listed
}

const revoked = { code: 3000, reason: 'session_revoked' }

t.test('ending a user ends what they have open and every session, and nobody else', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startWithConsole(t, { upstream: backend.url, routes })
  const [ada, bob] = [await signUp(gateway), await signUp(gateway, 'bob@example.com')]
  const socket = await connect(t, gateway, '/live/x', { headers: { cookie: ada.cookie, origin } })
  const other = await connect(t, gateway, '/live/x', { headers: { cookie: bob.cookie, origin } })
  const before = await liveAt(gateway.admin)
  t.match(before, { total: 2, users: 2 })
  t.match(before.shown[1], { kind: 'websocket', userId: ada.id, route: 'live', isByKey: false })
  const ended = closeOf(socket)
  const started = performance.now()
  const reply = await askAdmin(gateway.admin, '/console/revoke', post({ user: ada.id }, bearer()))
  t.strictSame(reply.json(), { ended: 1 })
  t.strictSame(await ended, revoked)
  t.ok(performance.now() - started < 1000)
  t.match(await liveAt(gateway.admin), { total: 1, users: 1 })
  t.equal(other.readyState, other.OPEN)
  const headers = { cookie: ada.cookie }
  t.equal((await gateway.request('/live/x', { headers })).json()['code'], 'session_revoked')
})

t.test('a user may be named by e-mail address; one session ends alone', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startWithConsole(t, { upstream: backend.url, routes })
  const ada = await signUp(gateway)
  const end = (body: unknown) => askAdmin(gateway.admin, '/console/revoke', post(body, bearer()))
  const socket = await connect(t, gateway, '/live/x', { headers: { cookie: ada.cookie, origin } })
  const [listed] = (await liveAt(gateway.admin)).shown
  const ended = closeOf(socket)
  t.strictSame((await end({ session: listed?.['sessionId'] })).json(), { ended: 1 })
  t.strictSame(await ended, revoked)
  t.equal((await end({ session: listed?.['sessionId'] })).json()['code'], 'nobody', 'it has gone')
  t.strictSame((await end({ user: 'ADA@example.com' })).json(), { ended: 0 })
  await until(() => backend.open() === 0)
})

t.test('what is not said clearly ends nothing', async (t) => {
  const gateway = await startWithConsole(t)
  const ada = await signUp(gateway)
  for (const body of [
    {},
    { user: '' },
    { user: 1 },
    { user: ada.id, session: 'x' },
    { user: 'x'.repeat(300) },
    [ada.id],
    null,
    { users: [ada.id] },
  ]) {
    const reply = await askAdmin(gateway.admin, '/console/revoke', post(body, bearer()))
    t.equal(reply.json()['code'], 'request_malformed', JSON.stringify(body).slice(0, 40))
  }
  const headers = { cookie: ada.cookie }
  t.equal((await gateway.request('/api/x', { headers })).status, 200)
})

t.test('where Better Auth runs elsewhere, it is told where to go', async (t) => {
  const gateway = await startWithConsole(t, {
    auth: 'mode: remote, url: "http://127.0.0.1:9", secret: none',
  })
  const reply = await askAdmin(gateway.admin, '/console/revoke', post({ user: 'x' }, bearer()))
  t.equal(reply.json()['code'], 'revoked_elsewhere')
  t.equal((await askAdmin(gateway.admin, '/console/state')).json()['canRevoke'], false)
})

t.test('a store that is away is no success, and the console goes on', async (t) => {
  const { admin } = await startAlone(t, {
    revoker: {
      user: () => Promise.reject(new Error('the database is away')),
      session: () => Promise.reject(new Error('the database is away')),
    },
    explain: () => {
      throw new Error('a bug')
    },
  })
  const reply = await askAdmin(admin, '/console/revoke', post({ user: 'x' }, bearer()))
  t.equal(reply.status, 503)
  t.equal(reply.json()['code'], 'store_unavailable')
  const failed = await askAdmin(admin, '/console/refusals/r')
  t.equal(failed.json()['code'], 'failed')
  t.notMatch(failed.text, /bug/)
  t.equal((await askAdmin(admin, '/console/refusals')).status, 200)
})

t.test('what is done is told, and by whom it was refused', async (t) => {
  const actions: ConsoleAction[] = []
  const { admin } = await startAlone(t, {
    onAction: (action) => actions.push(action),
    revoker: {
      user: (user) => Promise.resolve(user === 'ada' ? 3 : null),
      session: () => Promise.resolve(true),
    },
  })
  await signInAt(admin)
  await signInAt(admin, 'x'.repeat(40))
  await askAdmin(admin, '/console/state', { headers: bearer('y'.repeat(40)) })
  await askAdmin(admin, '/console/revoke', post({ user: 'ada' }, bearer()))
  await askAdmin(admin, '/console/revoke', post({ user: 'bob' }, bearer()))
  await askAdmin(admin, '/console/revoke', post({ session: 's' }, bearer()))
  const from = '127.0.0.1'
  t.strictSame(actions, [
    { kind: 'signed-in', subject: null, ended: null, from },
    { kind: 'sign-in-refused', subject: null, ended: null, from },
    { kind: 'sign-in-refused', subject: null, ended: null, from },
    { kind: 'revoked-user', subject: 'ada', ended: 3, from },
    { kind: 'revoked-user', subject: 'bob', ended: null, from },
    { kind: 'revoked-session', subject: 's', ended: 1, from },
  ])
})
