import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { origin, signUp, startGateway } from '../../helper/gateway.ts'
import { call, outcome, sql } from '../../session/calls.ts'
import { closeOf, startSocketBackend } from '../websocket/backend.ts'
import { connect, routes } from '../websocket/client.ts'
import { makeKey, start } from './keys.ts'

t.test('a key that its owner made is its owner, and goes no further', async (t) => {
  const parts = await start(t)
  const ada = await signUp(parts.gateway)
  const { key } = await makeKey(parts, ada)
  const headers = { 'X-Api-Key': key, 'x.api.key': key, cookie: 'theme=dark' }
  t.equal((await parts.gateway.request('/api/x', { headers })).status, 200)
  const [seen] = parts.backend.seen
  t.equal(seen?.headers['x-user-id'], ada.id)
  t.match(seen?.headers.authorization, /^Bearer ey/)
  t.equal(seen?.headers.cookie, 'theme=dark')
  t.notMatch(JSON.stringify(seen?.rawHeaders), key)
  for (const path of ['/open/x', '/maybe/x']) {
    await parts.gateway.request(path, { headers: { 'x-api-key': key } })
    t.notMatch(JSON.stringify(parts.backend.seen.at(-1)?.rawHeaders), key, path)
  }
})

t.test('its permissions are scopes, and a user cannot give them to a key', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: 'bearer: { apiKeys: true }',
    routes: `
      - { name: ingest, match: { path: /ingest/* }, upstream: api, auth: { accept: [apiKey], scopes: [ingest:write] } }
      - { name: api, match: { path: /api/* }, upstream: api, auth: { accept: [session, bearer] } }`,
  })
  const ada = await signUp(gateway)
  const { id, key } = await makeKey({ gateway }, ada)
  const ask = async (path: string): Promise<unknown> => {
    const reply = await gateway.request(path, { headers: { 'x-api-key': key } })
    return reply.status === 200 ? 200 : reply.json()['code']
  }
  t.equal(await ask('/ingest/x'), 'scope_missing')
  t.equal(await ask('/api/x'), 'token_not_accepted')
  const body = { permissions: { ingest: ['write'] } }
  t.equal((await call(gateway, '/api-key/create', { cookie: ada.cookie, body })).status, 400)
  sql(gateway, 'UPDATE apikey SET permissions = ? WHERE id = ?', '{"ingest":["read","write"]}', id)
  gateway.clock.offsetMs = 30_001
  t.equal(await ask('/ingest/x'), 200)
})

t.test('a key decides alone', async (t) => {
  const parts = await start(t)
  const { gateway } = parts
  const ada = await signUp(gateway)
  const { key } = await makeKey(parts, ada)
  t.equal(await outcome(gateway, { 'x-api-key': `${key}x`, cookie: ada.cookie }), 'api_key_invalid')
  t.equal(await outcome(gateway, { 'x-api-key': key, authorization: 'Bearer x' }), 'token_invalid')
  const twice = await gateway.request('/api/x', { headers: ['x-api-key', key, 'x-api-key', key] })
  t.match(twice.json(), { code: 'api_key_invalid', action: 'none' })
  t.match(twice.headers['www-authenticate'], /^Bearer realm="[^"]+"$/)
  const token = await gateway.request('/_gateway/token', {
    method: 'POST',
    headers: { 'x-api-key': key, cookie: ada.cookie },
  })
  t.match(token.json(), { code: 'token_not_accepted' })
  for (const path of ['/api/x', '/maybe/x']) {
    const reply = await gateway.request(path, { headers: { 'x-api-key': 'unknown' } })
    t.match(reply.json(), { code: 'api_key_invalid' }, 'a bad key is never nobody')
  }
})

t.test('a key that is deleted, disabled or renamed is asked for anew at once', async (t) => {
  const parts = await start(t)
  const { gateway } = parts
  const ada = await signUp(gateway)
  const [first, second] = [await makeKey(parts, ada), await makeKey(parts, ada)]
  for (const { key } of [first, second]) t.equal(await outcome(gateway, { 'x-api-key': key }), 200)
  await call(gateway, '/api-key/delete', { cookie: ada.cookie, body: { keyId: first.id } })
  t.equal(await outcome(gateway, { 'x-api-key': first.key }), 'api_key_invalid')
  const change = (body: object) =>
    call(gateway, '/api-key/update', { cookie: ada.cookie, body: { keyId: second.id, ...body } })
  await change({ enabled: false })
  t.equal(await outcome(gateway, { 'x-api-key': second.key }), 'api_key_invalid')
  await change({ enabled: true })
  gateway.clock.offsetMs = 2001
  t.equal(await outcome(gateway, { 'x-api-key': second.key }), 200)
})

t.test('a key ends when it expires, whatever is remembered of it', async (t) => {
  const parts = await start(t)
  const ada = await signUp(parts.gateway)
  const { key } = await makeKey(parts, ada, { expiresIn: 86_400 })
  const headers = { 'x-api-key': key }
  parts.gateway.clock.offsetMs = 86_390_000
  t.equal(await outcome(parts.gateway, headers), 200)
  parts.gateway.clock.offsetMs = 86_401_000
  t.equal(await outcome(parts.gateway, headers), 'api_key_invalid')
})

t.test('the owner must be there and not be banned', async (t) => {
  const parts = await start(t, {
    module: `import { admin } from 'better-auth/plugins'
      export default { plugins: [admin()], user: { deleteUser: { enabled: true } } }`,
  })
  const { gateway } = parts
  const root = await signUp(gateway, 'root@example.com')
  sql(gateway, "UPDATE user SET role = 'admin' WHERE id = ?", root.id)
  const ada = await signUp(gateway)
  const headers = { 'x-api-key': (await makeKey(parts, ada)).key }
  t.equal(await outcome(gateway, headers), 200)
  const userId = ada.id
  await call(gateway, '/admin/ban-user', { cookie: root.cookie, body: { userId } })
  t.equal(await outcome(gateway, headers), 'user_banned')
  t.equal((await gateway.request('/maybe/x', { headers })).status, 403, 'and nowhere nobody')
  await call(gateway, '/admin/unban-user', { cookie: root.cookie, body: { userId } })
  t.equal(await outcome(gateway, headers), 200)
  await call(gateway, '/admin/remove-user', { cookie: root.cookie, body: { userId } })
  t.same(sql(gateway, 'SELECT id FROM user WHERE id = ?', userId), [])
  t.equal(sql(gateway, 'SELECT id FROM apikey').length, 1, 'Better Auth leaves the key behind')
  t.equal(await outcome(gateway, headers), 'api_key_invalid')
})

t.test('the key of an organisation is nobody', async (t) => {
  const parts = await start(t)
  const ada = await signUp(parts.gateway)
  const { id, key } = await makeKey(parts, ada)
  sql(parts.gateway, "UPDATE apikey SET referenceId = 'some-organisation' WHERE id = ?", id)
  t.equal(await outcome(parts.gateway, { 'x-api-key': key }), 'api_key_invalid')
})

t.test('where keys are off the header passes to FastAPI like any other', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  const headers = ['x-api-key', 'a', 'x-api-key', 'b', 'cookie', cookie]
  t.equal((await gateway.request('/api/x', { headers })).status, 200)
  t.equal(backend.seen[0]?.headers['x-api-key'], 'a, b')
  t.equal((await call(gateway, '/api-key/create', { cookie })).status, 404)
})

t.test('a WebSocket that a key has opened ends when the key is deleted', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    yaml: 'bearer: { apiKeys: true }',
  })
  const ada = await signUp(gateway)
  const { id, key } = await makeKey({ gateway }, ada)
  const byKey = await connect(t, gateway, '/live/x', { headers: { 'x-api-key': key } })
  const byCookie = await connect(t, gateway, '/live/x', { headers: { cookie: ada.cookie, origin } })
  const ended = closeOf(byKey)
  await call(gateway, '/api-key/delete', { cookie: ada.cookie, body: { keyId: id } })
  t.strictSame(await ended, { code: 3000, reason: 'api_key_invalid' })
  t.equal(byCookie.readyState, byCookie.OPEN)
})
