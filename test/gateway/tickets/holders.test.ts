import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { origin, signUp } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { bearerOf, call, signIn, sql } from '../../session/calls.ts'
import { makeKey } from '../credentials/keys.ts'
import { closeOf } from '../websocket/backend.ts'
import { connect } from '../websocket/client.ts'
import { socketFate, start, stream, ticketFor } from './asking.ts'

t.test('a session that was revoked since takes its tickets along', async (t) => {
  const { gateway } = await start(t)
  const { email, cookie } = await signUp(gateway)
  const other = await signIn(gateway, email)
  const authorization = await bearerOf(gateway, cookie)
  const byCookie = await ticketFor(gateway, '/live/x', { cookie })
  const byToken = await ticketFor(gateway, '/live/x', { authorization })
  const others = await ticketFor(gateway, '/live/x', { cookie: other })
  await call(gateway, '/sign-out', { cookie })
  t.equal(await socketFate(t, gateway, `/live/x?ticket=${byCookie}`), '3000 session_revoked')
  t.equal(await socketFate(t, gateway, `/live/x?ticket=${byToken}`), '3000 session_revoked')
  t.equal(await socketFate(t, gateway, `/live/x?ticket=${others}`), 'open')
})

t.test('what a ticket has opened ends with its session', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const ticket = await ticketFor(gateway, '/live/x', { cookie })
  const headers = { origin }
  const socket = await connect(t, gateway, `/live/x?ticket=${ticket}`, { headers })
  const closed = closeOf(socket)
  await call(gateway, '/sign-out', { cookie })
  t.strictSame(await closed, { code: 3000, reason: 'session_revoked' })
})

t.test('a foreign token does not travel with its ticket: FastAPI gets an assertion', async (t) => {
  const yaml = 'bearer: { rolesClaim: roles, scopesClaim: scope }'
  const { gateway, backend } = await start(t, {
    yaml,
    routes: `
      - { name: api, match: { path: /api/* }, upstream: api, auth: { roles: [admin], scopes: [a:read] } }`,
  })
  const foreign = mint(goodClaims({ roles: ['admin'], scope: 'a:read b' }))
  const authorization = `Bearer ${foreign}`
  const ticket = await ticketFor(gateway, '/api/x', { authorization })
  t.equal(await stream(gateway, `/api/x?ticket=${ticket}`), 200, 'with what it grants')
  const { headers } = backend.seen.at(-1) ?? {}
  t.equal(headers?.['x-user-id'], 'user-1')
  t.match(headers?.['authorization'], /^Bearer ey/)
  t.not(headers?.['authorization'], authorization)
  const poor = { authorization: `Bearer ${mint(goodClaims({ roles: ['user'], scope: 'a:read' }))}` }
  const other = await ticketFor(gateway, '/api/x', poor)
  t.equal(await stream(gateway, `/api/x?ticket=${other}`), 'role_missing')
})

t.test('a ticket is no longer good than the token that it was made from', async (t) => {
  const { gateway } = await start(t)
  const exp = Math.floor(Date.now() / 1000) + 10
  const authorization = `Bearer ${mint(goodClaims({ exp }))}`
  const ticket = await ticketFor(gateway, '/api/x', { authorization })
  gateway.clock.offsetMs = 11_000
  t.equal(await stream(gateway, `/api/x?ticket=${ticket}`), 'token_expired')
})

t.test('whoever was signed out everywhere holds no ticket of a token', async (t) => {
  const { gateway } = await start(t)
  const { id, email, cookie } = await signUp(gateway)
  // A token of the second in which everything was revoked may be older than that.
  await sleep(2000 - (Date.now() % 1000))
  const iat = Math.floor(Date.now() / 1000)
  const authorization = `Bearer ${mint(goodClaims({ sub: id, iat }))}`
  const ticket = await ticketFor(gateway, '/api/x', { authorization })
  const other = await ticketFor(gateway, '/api/x', {
    authorization: `Bearer ${mint(goodClaims({ iat }))}`,
  })
  t.equal((await call(gateway, '/revoke-sessions', { cookie })).status, 200)
  t.equal(await stream(gateway, `/api/x?ticket=${ticket}`), 'session_revoked')
  t.equal(await stream(gateway, `/api/x?ticket=${other}`), 200, 'somebody else is not meant')
  t.ok(await signIn(gateway, email))
})

t.test('a token that must name a user must do so when its ticket is redeemed', async (t) => {
  const { gateway } = await start(t, { yaml: 'bearer: { requireUser: true }' })
  const { id } = await signUp(gateway)
  const authorization = `Bearer ${mint(goodClaims({ sub: id }))}`
  const good = await ticketFor(gateway, '/api/x', { authorization })
  t.equal(await stream(gateway, `/api/x?ticket=${good}`), 200)
  gateway.clock.offsetMs = 20_000
  const inTime = await ticketFor(gateway, '/api/x', { authorization })
  const late = await ticketFor(gateway, '/api/x', { authorization })
  sql(gateway, 'DELETE FROM session')
  sql(gateway, 'DELETE FROM account')
  sql(gateway, 'DELETE FROM user')
  t.equal(await stream(gateway, `/api/x?ticket=${inTime}`), 200, 'as long as users are remembered')
  gateway.clock.offsetMs = 35_000
  t.equal(await stream(gateway, `/api/x?ticket=${late}`), 'token_invalid')
})

t.test('a key makes tickets for its owner, while there is one', async (t) => {
  const { gateway, backend } = await start(t, { yaml: 'bearer: { apiKeys: true }' })
  const ada = await signUp(gateway)
  const { key } = await makeKey({ gateway }, ada)
  const ticket = await ticketFor(gateway, '/api/x', { 'x-api-key': key })
  t.equal(await stream(gateway, `/api/x?ticket=${ticket}`), 200)
  t.equal(backend.seen.at(-1)?.headers['x-user-id'], ada.id)
  const late = await ticketFor(gateway, '/api/x', { 'x-api-key': key })
  await call(gateway, '/sign-out', { cookie: ada.cookie })
  t.equal(await stream(gateway, `/api/x?ticket=${late}`), 200, 'a key is no session')
  gateway.clock.offsetMs = 20_000
  const orphan = await ticketFor(gateway, '/api/x', { 'x-api-key': key })
  sql(gateway, 'DELETE FROM account')
  sql(gateway, 'DELETE FROM apikey')
  sql(gateway, 'DELETE FROM user')
  gateway.clock.offsetMs = 49_000
  t.equal(await stream(gateway, `/api/x?ticket=${orphan}`), 'token_invalid', 'nobody has it')
})
