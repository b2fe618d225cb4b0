import t from 'tap'
import {
  createCookieFilter,
  toClientHeaders,
  toUpstreamHeaders,
  type HeaderRules,
} from '../../src/proxy/headers.ts'
import { isAuthCookieName } from '../../src/session/cookies.ts'

const rules: HeaderRules = {
  identityNames: new Set(['x-user-id', 'x-user-email']),
  isAuthCookie: isAuthCookieName,
  filterCookies: createCookieFilter(isAuthCookieName),
  publicProtocol: 'https',
}
const assertion = {
  headers: ['x-user-id', 'alice', 'authorization', 'Bearer issued'],
  keepAuthorization: false,
}
const base = {
  assertion,
  forwardAuthorization: false,
  host: 'app.test',
  forwardedFor: '192.0.2.7',
  requestId: 'request-1',
  connection: {},
}

function sent(
  raw: readonly string[],
  more: Partial<typeof base> = {},
): (readonly [string, string])[] {
  const flat = toUpstreamHeaders(raw, { ...base, ...more }, rules)
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]!] as const] : []))
}

function valuesOf(headers: (readonly [string, string])[], name: string): string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value)
}

t.test('no spelling of an identity header from outside survives', async (t) => {
  for (const name of [
    'X-User-Id',
    'x-user-id',
    'X_User_Id',
    'X-User_Id',
    'X.User.Id',
    'x-USER.id',
    'X-User-Email',
  ]) {
    const headers = sent([name, 'mallory', name, 'eve'])
    t.same(valuesOf(headers, 'x-user-id'), ['alice'], name)
    t.notMatch(JSON.stringify(headers), /mallory|eve/, name)
  }
})

t.test('an anonymous request carries no identity header at all', async (t) => {
  const anonymous = { headers: [], keepAuthorization: false }
  const headers = sent(['X-User-Id', 'mallory', 'Authorization', 'Bearer x'], {
    assertion: anonymous,
  })
  t.same(valuesOf(headers, 'x-user-id'), [])
  t.same(valuesOf(headers, 'authorization'), [])
})

t.test('Connection cannot name away what we inject, nor what frames the body', async (t) => {
  const headers = sent([
    'Connection',
    'close, X-User-Id, authorization, content-length, host, x-private',
    'Content-Length',
    '3',
    'X-Private',
    'gone',
  ])
  t.same(valuesOf(headers, 'x-user-id'), ['alice'])
  t.same(valuesOf(headers, 'authorization'), ['Bearer issued'])
  t.same(valuesOf(headers, 'content-length'), ['3'])
  t.same(valuesOf(headers, 'host'), ['app.test'])
  t.same(valuesOf(headers, 'x-private'), [])
})

t.test('hop-by-hop and forwarding headers of the client go no further', async (t) => {
  const dropped = [
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Proxy-Connection',
  ]
  const claims = [
    'Forwarded',
    'X-Real-IP',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Forwarded-Prefix',
    'X-Forwarded-User',
  ]
  for (const name of [
    ...dropped,
    ...claims,
    'Proxy-Authorization',
    'Expect',
    'X-Sallyport-Passive',
  ]) {
    t.same(valuesOf(sent([name, 'x']), name.toLowerCase()), [], name)
  }
  const headers = sent(['X-Forwarded-For', '203.0.113.9', 'X-Forwarded-Proto', 'http'])
  t.same(valuesOf(headers, 'x-forwarded-for'), ['192.0.2.7'])
  t.same(valuesOf(headers, 'x-forwarded-proto'), ['https'])
  t.same(valuesOf(headers, 'x-forwarded-host'), ['app.test'])
})

t.test('everything else passes in order, repetitions included', async (t) => {
  const headers = sent([
    'Idempotency-Key',
    'k',
    'Accept',
    'a/b',
    'X-Tag',
    '1',
    'X-Tag',
    '2',
    'Stripe-Signature',
    's',
  ])
  t.same(headers.slice(1, 6), [
    ['idempotency-key', 'k'],
    ['accept', 'a/b'],
    ['x-tag', '1'],
    ['x-tag', '2'],
    ['stripe-signature', 's'],
  ])
})

t.test('session cookies stay here, other cookies travel byte for byte', async (t) => {
  const cookie = (value: string): string[] => valuesOf(sent(['Cookie', value]), 'cookie')
  t.same(cookie('a=1;  b="x y"; c'), ['a=1;  b="x y"; c'])
  t.same(cookie('a=1; better-auth.session_token=T.s; b=2'), ['a=1; b=2'])
  t.same(cookie('__Host-better-auth.session_token=T'), [])
  t.same(cookie('__Secure-better-auth.session_data.0=T; z=1'), ['z=1'])
})

t.test(
  'the own Authorization of the client travels only when it decided, or the route says so',
  async (t) => {
    const raw = ['Authorization', 'Bearer own']
    const foreign = { headers: ['x-user-id', 'alice'], keepAuthorization: true }
    t.same(valuesOf(sent(raw), 'authorization'), ['Bearer issued'])
    t.same(valuesOf(sent(raw, { assertion: foreign }), 'authorization'), ['Bearer own'])
    const anonymous = { headers: [], keepAuthorization: false }
    const forwarded = sent(raw, { assertion: anonymous, forwardAuthorization: true })
    t.same(valuesOf(forwarded, 'authorization'), ['Bearer own'])
  },
)

t.test('an answer brings neither our cookies, nor identity, nor hop-by-hop headers', async (t) => {
  const flat = toClientHeaders(
    [
      'Set-Cookie',
      'better-auth.session_token=evil',
      'Set-Cookie',
      'theme=dark',
      'X-User-Id',
      'x',
      'X-Sallyport-Code',
      'x',
      'Connection',
      'x-hop',
      'X-Hop',
      '1',
      'Keep-Alive',
      'timeout=5',
      'Server',
      'uvicorn',
      'X-Request-Id',
      'theirs',
      'ETag',
      '"1"',
    ],
    { requestId: 'request-1', setCookies: [] },
    rules,
  )
  t.same(flat, ['set-cookie', 'theme=dark', 'etag', '"1"', 'x-request-id', 'request-1'])
})

t.test('an answer that carries our Set-Cookie is private', async (t) => {
  const flat = toClientHeaders(
    ['Cache-Control', 'public, max-age=60'],
    { requestId: 'request-1', setCookies: ['a=1', 'b=2'] },
    rules,
  )
  t.same(flat, [
    'x-request-id',
    'request-1',
    'cache-control',
    'private, no-store',
    'set-cookie',
    'a=1',
    'set-cookie',
    'b=2',
  ])
})
