import { once } from 'node:events'
import t from 'tap'
import { origin, signUp, startGateway } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { sql } from '../../session/calls.ts'
import { open, startStreams } from '../sse/fastapi.ts'
import { closeOf, startSocketBackend } from '../websocket/backend.ts'
import { begin, connect, refusalOf, until } from '../websocket/client.ts'
import { ask, authModule, found, signUpAdmin } from './people.ts'

const auth = 'signUp: open, module: ./auth.ts'
const files = authModule
const routes = `
  - { match: { path: /admin/* }, upstream: api, auth: { roles: [admin] }, websocket: true }
  - { match: { path: /owners/* }, upstream: api, auth: { organization: { roles: [owner, admin] } }, websocket: true }
  - { match: { path: /org/* }, upstream: api, auth: { organization: true }, websocket: true }
  - { match: { path: "/users/{user_id}/live" }, upstream: api, auth: { owner: user_id }, websocket: true }
  - { match: { path: /cookies }, upstream: api, auth: { accept: [session] }, websocket: true }
  - { match: { path: /ingest }, upstream: api, auth: { accept: [bearer], scopes: [x] }, websocket: true }
  - { match: { path: /verified }, upstream: api, auth: { emailVerified: true }, websocket: true }
  - { match: { path: /vault }, upstream: api, auth: { fresh: 10s }, websocket: true }
  - { match: { path: /any }, upstream: api, websocket: true }`

t.test('a handshake needs what a request needs, and is told why it may not come in', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files, routes })
  const { id, cookie } = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  const old = new Date(Date.now() - 60_000).toISOString()
  sql(gateway, 'UPDATE session SET createdAt = ? WHERE userId = ?', old, id)
  const authorization = `Bearer ${mint(goodClaims())}`
  for (const [path, credential, closed] of [
    ['/admin/x', { cookie }, { code: 3003, reason: 'role_missing' }],
    ['/org/x', { cookie }, { code: 3003, reason: 'organization_missing' }],
    [`/users/${bob.id}/live`, { cookie }, { code: 3003, reason: 'not_owner' }],
    ['/cookies', { authorization }, { code: 3000, reason: 'token_not_accepted' }],
    ['/ingest', { authorization }, { code: 3003, reason: 'scope_missing' }],
    ['/ingest', { cookie }, { code: 3000, reason: 'token_not_accepted' }],
    ['/verified', { cookie }, { code: 3003, reason: 'email_not_verified' }],
    ['/vault', { cookie }, { code: 3003, reason: 'session_not_fresh' }],
  ] as const) {
    const client = begin(t, gateway, path, { headers: { origin, ...credential } })
    const end = closeOf(client)
    await once(client, 'open')
    t.strictSame(await end, closed, path)
    const program = await refusalOf(begin(t, gateway, path, { headers: credential }))
    t.match(program.text, `"code":"${closed.reason}"`, path)
  }
  t.equal(backend.open(), 0)
  await connect(t, gateway, `/users/${id}/live`, { headers: { origin, cookie } })
  await connect(t, gateway, '/cookies', { headers: { origin, cookie } })
})

t.test('a page of another site cannot find out whose a session is', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files, routes })
  const { id, cookie } = await signUp(gateway)
  for (const path of [`/users/${id}/live`, '/users/somebody/live', '/admin/x']) {
    const headers = { origin: 'https://evil.test', cookie }
    const end = await closeOf(begin(t, gateway, path, { headers }))
    t.strictSame(end, { code: 3003, reason: 'origin_rejected' }, path)
  }
})

t.test('a role that is taken ends what it opened, and nothing else', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files, routes })
  const root = await signUpAdmin(gateway)
  const ada = await signUp(gateway)
  const headers = { origin, cookie: ada.cookie }
  const role = (name: string) =>
    ask(gateway, '/admin/set-role', root.cookie, { userId: ada.id, role: name })
  await role('admin')
  const admins = await connect(t, gateway, '/admin/x', { headers })
  const ended = closeOf(admins)
  const anybodys = await connect(t, gateway, '/any', { headers })
  const vault = await connect(t, gateway, '/vault', { headers })
  const roots = await connect(t, gateway, '/admin/x', { headers: { origin, cookie: root.cookie } })
  gateway.clock.offsetMs = 11_000
  const started = performance.now()
  await role('user')
  t.strictSame(await ended, { code: 3003, reason: 'role_missing' })
  t.ok(performance.now() - started < 1000)
  for (const socket of [anybodys, vault, roots]) t.equal(socket.readyState, socket.OPEN)
})

t.test('who loses a role in an organisation, or leaves it, loses what that opened', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files, routes })
  const { owner, member, memberId, id } = await found(gateway)
  const headers = { origin, cookie: member.cookie }
  const role = (name: string) =>
    ask(gateway, '/organization/update-member-role', owner.cookie, { memberId, role: name })
  await role('admin')
  const admins = await connect(t, gateway, '/owners/x', { headers })
  const members = await connect(t, gateway, '/org/x', { headers })
  const ends = [closeOf(admins), closeOf(members)]
  await role('member')
  t.strictSame(await ends[0], { code: 3003, reason: 'role_missing' })
  t.equal(members.readyState, members.OPEN)
  // Active is another one now, which has nothing to do with what was opened before.
  await ask(gateway, '/organization/create', member.cookie, { name: 'own', slug: 'own' })
  t.equal(members.readyState, members.OPEN)
  await ask(gateway, '/organization/remove-member', owner.cookie, {
    memberIdOrEmail: member.email,
    organizationId: id,
  })
  t.strictSame(await ends[1], { code: 3003, reason: 'organization_missing' })
})

t.test('an event stream is told with its last event', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files, routes })
  const { owner, member, memberId } = await found(gateway)
  const wire = await open(t, gateway.url, '/org/x', [`Cookie: ${member.cookie}`])
  await until(() => backend.opened.length === 1)
  const body = { memberIdOrEmail: memberId }
  await ask(gateway, '/organization/remove-member', owner.cookie, body)
  t.match(await wire.until(/\r\n0\r\n\r\n$/), /event: sallyport\ndata: .*"organization_missing"/)
})
