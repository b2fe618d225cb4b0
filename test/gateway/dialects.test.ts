import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { call, sql } from '../session/calls.ts'
import { startBackend, type Backend } from '../helper/backend.ts'
import { origin, signUp, startGateway } from '../helper/gateway.ts'
import { begin, refusalOf } from './websocket/client.ts'

const bySubject = (subject: string, more = ''): string =>
  `identity: { token: { subject: ${subject}${more} } }`

function lastAuthorization({ seen }: Backend): readonly [scheme: string, token: string] {
  const [scheme = '', token = ''] = (seen.at(-1)?.headers.authorization ?? '').split(' ')
  return [scheme, token]
}

function claimsIn(token: string): Record<string, unknown> {
  const [, claims = ''] = token.split('.')
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
}

const dialects: Readonly<Record<string, string>> = {
  default: '{}',
  'fastapi-users': '{ profile: fastapi-users }',
  realworld: '{ profile: realworld }',
  custom:
    '{ profile: custom, scheme: JWT, standardClaims: [jti], claims: { typ: { value: JWT }, type: { value: access } } }',
}

for (const [name, token] of Object.entries(dialects)) {
  t.test(`what FastAPI received in the dialect ${name} cannot come back in`, async (t) => {
    const backend = await startBackend(t)
    const gateway = await startGateway(t, {
      upstream: backend.url,
      yaml: `identity: { token: ${token} }`,
    })
    const { cookie } = await signUp(gateway)
    t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
    const [scheme, issued] = lastAuthorization(backend)
    for (const authorization of new Set([`Bearer ${issued}`, `${scheme} ${issued}`])) {
      for (const path of ['/api/x', '/maybe/x']) {
        const reply = await gateway.request(path, { headers: { authorization } })
        t.equal(reply.status, 401, authorization)
        t.match(reply.json()['code'], /^token_(?:invalid|not_accepted)$/)
      }
    }
    t.equal(backend.seen.length, 1)
  })
}

t.test('a user whom FastAPI could not name is refused, until there is a name', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: bySubject('user.externalId'),
    routes: `
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: live, match: { path: /live/* }, upstream: api, websocket: {} }
  - { name: pages, match: { path: /* }, static: { dir: ./web } }`,
  })
  mkdirSync(join(gateway.folder, 'web'))
  writeFileSync(join(gateway.folder, 'web', 'page.html'), 'hello')
  const { id, cookie } = await signUp(gateway)
  const headers = { cookie }
  for (const path of ['/api/x', '/maybe/x']) {
    const reply = await gateway.request(path, { headers })
    t.match(reply.json(), {
      status: 403,
      code: 'subject_missing',
      action: 'none',
      detail: 'The application knows its users by user.externalId, and this account has none.',
    })
  }
  const handshake = begin(t, gateway, '/live/x', { headers: { cookie } })
  t.match(await refusalOf(handshake), { status: 403, text: /subject_missing/ })
  t.equal(backend.seen.length, 0)
  t.equal((await gateway.request('/open/x', { headers })).status, 200)
  t.equal((await gateway.request('/page.html', { headers })).text, 'hello', 'files ask for no name')
  t.match((await gateway.request('/_gateway/session', { headers })).json(), { user: { id } })

  sql(gateway, "UPDATE user SET externalId = '550e8400-e29b-41d4-a716-446655440000'")
  gateway.clock.offsetMs = 31_000
  t.equal((await gateway.request('/api/x', { headers })).status, 200)
  const [, issued] = lastAuthorization(backend)
  t.match(claimsIn(issued), { sub: '550e8400-e29b-41d4-a716-446655440000' })
  t.equal(backend.seen.at(-1)?.headers['x-user-id'], id)
})

t.test('the field is still there when the session has been extended', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, session: { lifetime: 10m, refreshAfter: 1m }',
    yaml: bySubject('user.externalId'),
  })
  const { cookie } = await signUp(gateway)
  sql(gateway, "UPDATE user SET externalId = '17'")
  // Better Auth has no clock of ours: its rows are made older instead.
  const ago = new Date(Date.now() + 8 * 60_000).toISOString()
  sql(gateway, 'UPDATE session SET expiresAt = ?', ago)
  const reply = await gateway.request('/api/x', { headers: { cookie } })
  t.equal(reply.status, 200)
  t.match(reply.headers['set-cookie'], /session_token/, 'it was extended')
  t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
})

t.test('who is refused is not extended: nobody would get the cookie', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, session: { lifetime: 10m, refreshAfter: 1m }',
    yaml: bySubject('user.externalId'),
  })
  const { cookie } = await signUp(gateway)
  const soon = new Date(Date.now() + 8 * 60_000).toISOString()
  sql(gateway, 'UPDATE session SET expiresAt = ?', soon)
  t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 403)
  t.same(sql(gateway, 'SELECT expiresAt FROM session'), [{ expiresAt: soon }])
})

t.test('an address that is not confirmed names nobody, and says so', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: bySubject('user.email', ', profile: realworld'),
  })
  const { id, email, cookie } = await signUp(gateway)
  const headers = { cookie, origin }
  const refused = await gateway.request('/api/x', { headers })
  t.match(refused.json(), { status: 403, code: 'email_not_verified' })
  sql(gateway, 'UPDATE user SET emailVerified = 1')
  gateway.clock.offsetMs = 31_000
  t.equal((await gateway.request('/api/x', { headers })).status, 200)
  const [scheme, issued] = lastAuthorization(backend)
  t.equal(scheme, 'Token')
  t.match(claimsIn(issued), { sub: 'access', username: email })
  t.equal(backend.seen.at(-1)?.headers['x-user-id'], id)
})

t.test(
  'an API key is its owner by the same name, with the scopes that it was made for',
  async (t) => {
    const backend = await startBackend(t)
    const gateway = await startGateway(t, {
      upstream: backend.url,
      yaml: `bearer: { apiKeys: true }
${bySubject('user.externalId', ', claims: { scope: { value: me items } }')}`,
    })
    const { cookie } = await signUp(gateway)
    const made = await call(gateway, '/api-key/create', { cookie })
    const headers = { 'x-api-key': String(made.json()['key']) }
    t.match((await gateway.request('/api/x', { headers })).json(), { code: 'subject_missing' })
    sql(gateway, "UPDATE user SET externalId = '17'")
    const claims = async (): Promise<Record<string, unknown>> => {
      // What was known of the key and its owner is forgotten.
      gateway.clock.offsetMs += 31_000
      t.equal((await gateway.request('/api/x', { headers })).status, 200)
      return claimsIn(lastAuthorization(backend)[1])
    }
    t.strictSame(Object.keys(await claims()).sort(), ['exp', 'iat', 'sub'])
    sql(gateway, `UPDATE apikey SET permissions = '{"items":["read","write"]}'`)
    t.match(await claims(), { sub: '17', scope: 'items:read items:write' })
    await gateway.request('/api/x', { headers: { cookie } })
    t.match(claimsIn(lastAuthorization(backend)[1]), { sub: '17', scope: 'me items', sid: String })
  },
)

t.test('which fields of users are told cannot change while the gateway runs', async (t) => {
  const backend = await startBackend(t)
  const module =
    "export default { user: { additionalFields: { tenant: { type: 'string', required: false } } } }"
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'module: ./auth.ts, signUp: open',
    files: { 'auth.ts': module },
  })
  t.throws(() => {
    gateway.reload({ yaml: 'identity: { headers: { X-Tenant: user.tenant } }' })
  }, /only a restart can change the fields in identity/)
  gateway.reload({ yaml: bySubject('user.externalId') })
  const { cookie } = await signUp(gateway)
  const reply = await gateway.request('/api/x', { headers: { cookie } })
  t.equal(reply.json()['code'], 'subject_missing')
})
