import t from 'tap'
import { origin, signUp } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { ask, friend, start } from './asking.ts'

t.test('whoever has a credential gets a ticket for a path', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const token = await gateway.request('/_gateway/token', {
    method: 'POST',
    headers: { cookie, origin },
  })
  const own = { authorization: `Bearer ${String(token.json()['access_token'])}` }
  const foreign = { authorization: `Bearer ${mint(goodClaims())}` }
  const seen = new Set<unknown>()
  for (const headers of [{ cookie }, own, foreign]) {
    const reply = await ask(gateway, '/live/x', headers)
    t.equal(reply.status, 200)
    t.equal(reply.headers['cache-control'], 'no-store')
    const { ticket, ...more } = reply.json()
    t.match(ticket, /^[A-Za-z0-9_-]{43}$/)
    t.strictSame(more, { expires_in: 30 })
    seen.add(ticket)
  }
  t.equal(seen.size, 3)
})

t.test('nobody gets none, and another credential is no help to a bad one', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  t.match((await ask(gateway, '/live/x', {})).json(), { status: 401, code: 'credential_missing' })
  const bad = { cookie, authorization: 'Bearer nonsense' }
  t.match((await ask(gateway, '/live/x', bad)).json(), { status: 401, code: 'token_invalid' })
})

t.test('another site cannot have a ticket made by the cookie of its visitor', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const evil = await ask(gateway, '/live/x', { cookie }, 'https://evil.test')
  t.match(evil.json(), { status: 403, code: 'origin_rejected' })
  t.equal(evil.headers['access-control-allow-origin'], undefined)
  const site = await ask(gateway, '/live/x', { cookie, 'sec-fetch-site': 'cross-site' }, null)
  t.match(site.json(), { status: 403, code: 'origin_rejected' })
  const form = await gateway.request('/_gateway/ticket', {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'text/plain' },
    body: '{"path":"/live/x"}',
  })
  t.match(form.json(), { status: 400, code: 'request_malformed' })
})

t.test('a page of a trusted origin may ask, and may read the answer', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const preflight = await gateway.request('/_gateway/ticket', {
    method: 'OPTIONS',
    headers: {
      origin: friend,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  t.equal(preflight.status, 204)
  t.match(preflight.headers, {
    'access-control-allow-origin': friend,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization,content-type',
  })
  const foreign = await gateway.request('/_gateway/ticket', {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST' },
  })
  t.equal(foreign.headers['access-control-allow-origin'], undefined)
  const readable = { 'access-control-allow-origin': friend, vary: /Origin/ }
  for (const [path, headers, status] of [
    ['/live/x', { cookie }, 200],
    ['/nowhere', { cookie }, 404],
    ['/live/x', {}, 401],
    [`/live/${'x'.repeat(5000)}`, { cookie }, 413],
  ] as const) {
    const reply = await ask(gateway, path, headers, friend)
    t.equal(reply.status, status, path.slice(0, 20))
    t.match(reply.headers, { ...readable, 'access-control-allow-credentials': 'true' })
  }
})

t.test('a ticket is for one path that a page can open a stream to', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  for (const [path, code] of [
    ['/live/x?a=1', 'request_malformed'],
    ['', 'path_not_canonical'],
    ['live/x', 'path_not_canonical'],
    ['/live/../api/x', 'path_not_canonical'],
    ['/live//x', 'path_not_canonical'],
    ['/live/%2e', 'path_not_canonical'],
    ['/live/a%2Fb', 'path_not_canonical'],
    ['https://app.test/live/x', 'path_not_canonical'],
    ['/live/x#y', 'path_not_canonical'],
    ['/nowhere', 'route_not_found'],
    ['/_gateway/session', 'route_not_found'],
    ['/api/auth/session', 'route_not_found'],
    ['/write/x', 'route_not_found'],
    [7, 'request_malformed'],
    [null, 'request_malformed'],
  ] as const) {
    t.equal((await ask(gateway, path, { cookie })).json()['code'], code, String(path))
  }
  t.equal((await ask(gateway, '/names/a%2Fb', { cookie })).status, 200)
})

t.test('a body that is something else is malformed', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const headers = { cookie, origin, 'content-type': 'application/json' }
  for (const body of ['', '{', '[]', '"x"', 'null', '{}', '{"path":"/live/x","origin":"*"}']) {
    const reply = await gateway.request('/_gateway/ticket', { method: 'POST', headers, body })
    t.match(reply.json(), { status: 400, code: 'request_malformed' }, body)
  }
  const get = await gateway.request('/_gateway/ticket', { headers })
  t.match(get.json(), { status: 405, code: 'method_not_allowed' })
})
