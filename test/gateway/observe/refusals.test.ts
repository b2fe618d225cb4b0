// For every code of the catalogue: either an observed route forwards and reports it, or it is refused here too.
import t, { type Test } from 'tap'
import { catalogue, type Code } from '../../../src/errors/catalogue.ts'
import { origin, signUp, type CallOptions } from '../../helper/gateway.ts'
import { goodClaims, mint, signCookie } from '../../helper/token.ts'
import { call, sql } from '../../session/calls.ts'
import { send, startObserved, valuesOf, type Stage } from './stage.ts'

const observed = (name: string, path: string, more: string): string => `
  - { name: ${name}, match: { path: "${path}" }, upstream: api, enforce: false, ${more} }`

const routes = [
  observed('api', '/api/*', 'auth: required'),
  observed('tokens', '/tokens/*', 'auth: { accept: [bearer] }'),
  observed('admin', '/admin/*', 'auth: { roles: [admin] }'),
  observed('scoped', '/scoped/*', 'auth: { accept: [bearer], scopes: ["a:b"] }'),
  observed('org', '/org/*', 'auth: { organization: true }'),
  observed('own', '/own/{user_id}', 'auth: { owner: user_id }'),
  observed('mail', '/mail/*', 'auth: { emailVerified: true }'),
  observed('fresh', '/fresh/*', 'auth: { fresh: 10s }'),
  observed('crowd', '/crowd/*', 'auth: none, rateLimit: { requests: 1, per: 1m, by: ip }'),
  observed('quota', '/quota/*', 'rateLimit: { requests: 1, per: 1m, by: user }'),
].join('')

interface Case {
  readonly path: string
  readonly call?: CallOptions
  /** Runs before the request. */
  readonly before?: (stage: Stage) => unknown
}

type Cases = Partial<Record<Code, readonly Case[]>>

const bearer = (token: string): CallOptions => ({ headers: { authorization: `Bearer ${token}` } })
const past = Math.floor(Date.now() / 1000) - 120

async function casesFor(stage: Stage): Promise<Cases> {
  const { cookie } = await signUp(stage)
  const banned = await signUp(stage, 'banned@example.com')
  sql(stage, 'UPDATE user SET banned = 1 WHERE id = ?', banned.id)
  const leaving = await signUp(stage, 'leaving@example.com')
  const by = (value: string): CallOptions => ({ headers: { cookie: value } })
  const name = cookie.slice(0, cookie.indexOf('='))
  const twice = { headers: ['authorization', 'Bearer a', 'authorization', 'Bearer b'] }
  return {
    credential_missing: [{ path: '/api/x' }, { path: '/api/x', call: by('theme=dark') }],
    session_invalid: [
      { path: '/api/x', call: by(`${name}=${signCookie('a'.repeat(32), 'x'.repeat(32))}`) },
      { path: '/api/x', call: by(`${cookie}; ${cookie}`) },
    ],
    session_revoked: [
      {
        path: '/api/x',
        call: by(leaving.cookie),
        before: () => call(stage, '/sign-out', { cookie: leaving.cookie }),
      },
    ],
    token_invalid: [
      { path: '/api/x', call: bearer('opaque-token-of-the-old-login') },
      { path: '/api/x', call: twice },
    ],
    token_expired: [{ path: '/api/x', call: bearer(mint(goodClaims({ exp: past }))) }],
    token_not_accepted: [
      { path: '/tokens/x', call: by(cookie) },
      { path: '/api/x', call: { headers: { authorization: 'Basic YTpi' } } },
    ],
    api_key_invalid: [
      { path: '/api/x', call: { headers: { 'x-api-key': 'key-of-the-old-login' } } },
    ],
    user_banned: [{ path: '/api/x', call: by(banned.cookie) }],
    origin_rejected: [
      {
        path: '/api/x',
        call: { method: 'POST', headers: { cookie, origin: 'https://evil.test' }, body: 'a=b' },
      },
    ],
    role_missing: [{ path: '/admin/x', call: by(cookie) }],
    scope_missing: [{ path: '/scoped/x', call: bearer(mint(goodClaims())) }],
    organization_missing: [{ path: '/org/x', call: by(cookie) }],
    not_owner: [{ path: '/own/somebody', call: by(cookie) }],
    email_not_verified: [{ path: '/mail/x', call: by(cookie) }],
    rate_limited: [
      { path: '/crowd/x', before: () => stage.request('/crowd/x') },
      {
        path: '/quota/x',
        call: by(cookie),
        before: () => stage.request('/quota/x', by(cookie)),
      },
    ],
    session_not_fresh: [
      {
        path: '/fresh/x',
        call: by(cookie),
        before: () => {
          stage.clock.offsetMs += 11_000
        },
      },
    ],
    session_store_unavailable: [
      {
        path: '/api/x',
        call: by(cookie),
        before: () => {
          stage.store.isAway = true
          stage.clock.offsetMs += 40_000
        },
      },
    ],
    session_expired: [
      {
        path: '/api/x',
        call: by(cookie),
        before: () => {
          stage.store.isAway = false
          stage.clock.offsetMs += 8 * 86_400_000
        },
      },
    ],
  }
}

/** It reached FastAPI as it came, nobody is named, and the client hears nothing of us. */
async function isForwarded(t: Test, stage: Stage, code: Code, each: Case): Promise<void> {
  await each.before?.(stage)
  const spoofed = { 'x-user-id': 'root', 'x-user-email': 'root@example.com' }
  const { headers = {} } = each.call ?? {}
  const more = Array.isArray(headers)
    ? [...headers, ...Object.entries(spoofed).flat()]
    : { ...headers, ...spoofed }
  const { reply, seen, record } = await send(stage, each.path, { ...each.call, headers: more })
  t.equal(reply.status, 200)
  t.match(record, { decision: 'forwarded', observed: code, code: null, status: 200 })
  if (seen === undefined) throw new Error('FastAPI got nothing')
  const sent = Array.isArray(headers) ? headers : Object.entries(headers).flat()
  for (const name of ['authorization', 'x-api-key'] as const) {
    const values = sent.filter((_, index) => index % 2 === 1 && sent[index - 1] === name)
    t.strictSame(valuesOf(seen, name), values, name)
  }
  t.equal(seen.body.toString(), each.call?.body ?? '')
  for (const name of ['x-user-id', 'x-user-email']) t.strictSame(valuesOf(seen, name), [], name)
  for (const name of ['www-authenticate', 'set-cookie', 'retry-after', 'ratelimit-limit']) {
    t.equal(reply.headers[name], undefined, name)
  }
}

/** What has nothing to do with the caller, or nowhere to go: tried in `enforced.test.ts`. */
const stillRefused: readonly Code[] = [
  ...(['path_not_canonical', 'host_unknown', 'request_malformed', 'upgrade_not_allowed'] as const),
  ...(['route_not_found', 'method_not_allowed', 'body_too_large', 'uri_too_long'] as const),
  ...(['headers_too_large', 'internal_error', 'overloaded', 'shutting_down'] as const),
  ...(['upstream_unreachable', 'upstream_invalid', 'upstream_unavailable'] as const),
  'upstream_timeout',
]
/** FastAPI's own 401 passes, and so is nothing that we would say; who has no name for FastAPI is tried with such names. */
const elsewhere: readonly Code[] = ['upstream_unauthorized', 'subject_missing']

t.test('whatever speaks against the caller is reported, and stops nobody', async (t) => {
  const stage = await startObserved(t, routes)
  const cases = await casesFor(stage)
  const known = [...Object.keys(cases), ...stillRefused, ...elsewhere].sort()
  t.strictSame(known, Object.keys(catalogue).sort(), 'every code is here or refused on purpose')
  for (const [code, each] of Object.entries(cases)) {
    for (const [index, one] of each.entries()) {
      await t.test(`${code} (${String(index + 1)})`, (t) =>
        isForwarded(t, stage, code as Code, one),
      )
    }
  }
})

t.test('who has no name for FastAPI, or no verified one, is forwarded without one', async (t) => {
  for (const [subject, code] of [
    ['user.externalId', 'subject_missing'],
    ['user.email', 'email_not_verified'],
  ] as const) {
    const yaml = `identity: { token: { subject: ${subject} } }`
    const stage = await startObserved(t, routes, { yaml, auth: 'signUp: open', files: {} })
    const { cookie } = await signUp(stage)
    await isForwarded(t, stage, code, { path: '/api/x', call: { headers: { cookie } } })
  }
})

t.test('who would pass is reported as nothing, and named to FastAPI without a token', async (t) => {
  const stage = await startObserved(t, routes)
  const { id, cookie } = await signUp(stage)
  const call = { headers: { cookie: `theme=dark; ${cookie}`, 'X-User-Id': 'root', origin } }
  const { seen, record } = await send(stage, '/api/x', call)
  t.match(record, { decision: 'forwarded', observed: null, userId: id, credential: 'session' })
  t.match(seen?.headers, { 'x-user-id': id })
  t.equal(seen?.headers.cookie, 'theme=dark')
  t.equal(seen?.headers['authorization'], undefined)
})
