import t, { type Test } from 'tap'
import type { Backend } from '../../helper/backend.ts'
import { signUp, type Running, type SignedIn } from '../../helper/gateway.ts'
import { bearerOf, call, setCookies } from '../../session/calls.ts'
import { outcome, signUpAdmin, startAccess } from './people.ts'

const routes = `
  - { match: { path: /api/* }, upstream: api }
  - { match: { path: /open/* }, upstream: api, auth: none }
  - { match: { path: /vault/* }, upstream: api, auth: { fresh: 15m } }`

interface Impersonation {
  readonly gateway: Running
  readonly backend: Backend
  readonly root: SignedIn
  readonly ada: SignedIn
  /** Of the session in which the administrator acts as the user. */
  readonly cookie: string
}

async function start(t: Test, yaml = ''): Promise<Impersonation> {
  const { gateway, backend } = await startAccess(t, routes, { yaml })
  const root = await signUpAdmin(gateway)
  const ada = await signUp(gateway)
  const body = { userId: ada.id }
  const reply = await call(gateway, '/admin/impersonate-user', { cookie: root.cookie, body })
  const [cookie = ''] = setCookies(reply)
    .map((each) => each.split(';')[0] ?? '')
    .filter((each) => /^better-auth\.session_token=./.test(each))
  return { gateway, backend, root, ada, cookie }
}

function claimsIn(authorization = ''): Record<string, unknown> {
  const [, payload = ''] = authorization.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

t.test('FastAPI is told who acts in the name of whom, in a claim and in a header', async (t) => {
  const { gateway, backend, root, ada, cookie } = await start(t)
  const authorization = await bearerOf(gateway, cookie)
  for (const headers of [{ cookie }, { authorization }] as const) {
    t.equal(await outcome(gateway, '/api/x', headers), 200)
    const seen = backend.seen.at(-1)!
    t.match(seen.headers, { 'x-user-id': ada.id, 'x-impersonated-by': root.id })
    t.match(claimsIn(seen.headers.authorization), { sub: ada.id, act: { sub: root.id } })
    const names = seen.rawHeaders.filter((_, index) => index % 2 === 0)
    t.equal(names.filter((name) => name === 'x-impersonated-by').length, 1)
  }
  await gateway.request('/api/x', { headers: { cookie: ada.cookie } })
  const own = backend.seen.at(-1)!
  t.notOk('x-impersonated-by' in own.headers)
  t.notOk('act' in claimsIn(own.headers.authorization))
})

t.test('nobody can say so themselves, in no spelling, on no route', async (t) => {
  const { gateway, backend, ada } = await start(t)
  for (const name of [
    'X-Impersonated-By',
    'x-impersonated-by',
    'X_Impersonated_By',
    'X.Impersonated.By',
    'X-Impersonated_By',
  ]) {
    for (const path of ['/api/x', '/open/x']) {
      await gateway.request(path, { headers: ['cookie', ada.cookie, name, 'root', name, 'root'] })
      const { rawHeaders } = backend.seen.at(-1)!
      t.notMatch(rawHeaders.join().toLowerCase(), /impersonated/, `${name} ${path}`)
    }
  }
})

t.test('it is named as the file wants it besides, and never twice', async (t) => {
  const { gateway, backend, root, cookie } = await start(
    t,
    `identity:
  headers: { X-Impersonated-By: session.impersonatedBy, X-Admin: session.impersonatedBy }
  token: { claims: { admin: session.impersonatedBy } }`,
  )
  await gateway.request('/api/x', { headers: { cookie } })
  const { headers } = backend.seen.at(-1)!
  t.match(headers, { 'x-impersonated-by': root.id, 'x-admin': root.id })
  t.match(claimsIn(headers.authorization), { admin: root.id })
})

t.test('who acts in the name of a user has not signed in as them', async (t) => {
  const { gateway, ada, cookie } = await start(t)
  t.equal(await outcome(gateway, '/vault/x', { cookie: ada.cookie }), 200)
  t.equal(await outcome(gateway, '/vault/x', { cookie }), 'session_not_fresh')
})
