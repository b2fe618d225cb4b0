import t from 'tap'
import type { HeaderChanges } from '../../src/config/types.ts'
import { toClientHeaders, toUpstreamHeaders, type HeaderRules } from '../../src/proxy/headers.ts'
import type { RouteHeaders } from '../../src/proxy/headers/changes.ts'

const rules: HeaderRules = {
  identityNames: new Set(['x-user-id']),
  isAuthCookie: () => false,
  filterCookies: (_connection, value) => value,
  publicProtocol: 'https',
}
const plain: RouteHeaders = {
  serve: { kind: 'static', dir: '', fallback: null },
  headers: { request: [], response: [] },
  cors: null,
  rateLimit: null,
  observe: null,
}

type Changes = HeaderChanges['request']

function sent(raw: readonly string[], request: Changes): string {
  const context = {
    assertion: { headers: ['x-user-id', 'alice'], keepAuthorization: true },
    forwardAuthorization: false,
    host: 'app.test',
    forwardedFor: '192.0.2.7',
    requestId: 'r',
    connection: {},
    route: { ...plain, headers: { request, response: [] } },
  }
  return toLines(toUpstreamHeaders(raw, context, rules))
}

function answered(
  raw: readonly string[],
  route: Partial<RouteHeaders>,
  more: { readonly setCookies?: string[]; readonly answerHeaders?: string[] } = {},
): string {
  const context = { requestId: 'r', setCookies: [], ...more, route: { ...plain, ...route } }
  return toLines(toClientHeaders(raw, context, rules))
}

function toLines(flat: readonly string[]): string {
  return flat
    .flatMap((name, index) => (index % 2 === 0 ? `${name}: ${flat[index + 1]!}` : []))
    .join('\n')
}

const cors = { cors: { origins: ['https://a.test'] } }
const rateLimit = { rateLimit: { bucket: 'b', requests: 1, perMs: 1, by: 'ip' } } as const

t.test('a route cannot touch who is calling, where from, or the framing', async (t) => {
  const names = [
    'x-user-id',
    'x.user.id',
    'x_user_id',
    'authorization',
    'cookie',
    'x-api-key',
    'content-length',
    'transfer-encoding',
    'connection',
    'upgrade',
    'host',
    'x-forwarded-for',
    'x-forwarded-prefix',
    'x-sallyport-code',
    'x-request-id',
    'forwarded',
  ]
  const raw = [
    'Authorization',
    'Bearer own',
    'Cookie',
    'a=1',
    'Content-Length',
    '3',
    'X-Api-Key',
    'k',
  ]
  const untouched = sent(raw, [])
  t.match(untouched, 'content-length: 3')
  for (const name of names) {
    t.equal(sent(raw, [{ name, value: 'mallory' }]), untouched, `set ${name}`)
    t.equal(sent(raw, [{ name, value: null }]), untouched, `remove ${name}`)
  }
})

t.test('a route cannot forge what only we say in answers', async (t) => {
  const raw = ['Content-Length', '3', 'Set-Cookie', 'a=1']
  const untouched = answered(raw, {})
  for (const name of [
    'content-length',
    'set-cookie',
    'transfer-encoding',
    'connection',
    'x-request-id',
    'x-sallyport-code',
    'x-user-id',
  ]) {
    for (const value of ['mallory', null]) {
      const headers = { request: [], response: [{ name, value }] }
      t.equal(answered(raw, { headers }), untouched, `${String(value)} ${name}`)
    }
  }
})

t.test('a change of Cache-Control gives way to a cookie of ours', async (t) => {
  const headers = { request: [], response: [{ name: 'cache-control', value: 'public' }] }
  t.match(answered([], { headers }), 'cache-control: public')
  t.match(answered([], { headers }, { setCookies: ['a=1'] }), 'cache-control: private, no-store')
  t.notMatch(answered([], { headers }, { setCookies: ['a=1'] }), 'public')
})

t.test('with cors only we say who may read, and caches learn that it depends', async (t) => {
  const raw = ['Access-Control-Allow-Origin', '*', 'Access-Control-Max-Age', '9', 'Vary', 'Accept']
  const ours = ['vary', 'Origin', 'access-control-allow-origin', 'https://a.test']
  t.equal(
    answered(raw, cors, { answerHeaders: ours }),
    'access-control-allow-origin: https://a.test\nvary: Accept, Origin\nx-request-id: r',
  )
  t.equal(
    answered(raw, cors, { answerHeaders: ['vary', 'Origin'] }),
    'vary: Accept, Origin\nx-request-id: r',
  )
  const headers = {
    request: [],
    response: [
      { name: 'vary', value: null },
      { name: 'access-control-allow-origin', value: '*' },
    ],
  }
  t.equal(
    answered(raw, { ...cors, headers }, { answerHeaders: ['vary', 'Origin'] }),
    'vary: Origin\nx-request-id: r',
    'a route cannot take that back',
  )
})

t.test('with a rate limit only we say where a caller stands', async (t) => {
  const raw = ['RateLimit-Limit', '9', 'RateLimit', 'x', 'X-RateLimit-Limit', '9', 'Vary', 'a,b']
  t.equal(
    answered(raw, rateLimit, { answerHeaders: ['ratelimit-limit', '1'] }),
    'x-ratelimit-limit: 9\nvary: a,b\nratelimit-limit: 1\nx-request-id: r',
  )
  t.match(answered(raw, {}), 'ratelimit-limit: 9', 'elsewhere they are headers like any other')
})
