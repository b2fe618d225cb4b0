import fc from 'fast-check'

/** A request as it is written on the wire. */
export interface Question {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** Credentials of real people, by name. */
export type Wallet = Readonly<Record<string, readonly (readonly [string, string])[]>>

const segments = ['users', 'me', 'a', 'list', 'a%20b', 'a%2Fb', 'x;y', '%C3%BC']

/** Paths that fit what `tables.ts` makes, near misses, and what is no path. */
function targets(userId: string): fc.Arbitrary<string> {
  const path = fc
    .array(fc.constantFrom(...segments, userId), { minLength: 0, maxLength: 3 })
    .map((parts) => `/${parts.join('/')}`)
  const below = fc
    .tuple(fc.constantFrom('/api', '/open', '/app', ''), path)
    .map(([prefix, rest]) => prefix + rest)
  const odd = fc.constantFrom(
    '/api//x',
    '/api/../open/x',
    '/api/%2e%2e/x',
    '/API/users',
    '/app/a.js',
    '/app/',
    '/app',
    '/_gateway/session',
    '/_gateway/token',
    '/_gateway/login',
    '/_gateway/nothing',
    '/api/auth/get-session',
    '/api/x\\y',
    '/api/%zz',
  )
  const query = fc.constantFrom('', '', '?page=2', '?q=%2e%2e/&x', '?ticket=abc')
  return fc
    .tuple(fc.oneof({ weight: 4, arbitrary: below }, { weight: 1, arbitrary: odd }), query)
    .map(([target, more]) => target + more)
}

const extras: readonly (readonly [string, string])[] = [
  ['Origin', 'http://app.test'],
  ['Origin', 'https://other.example'],
  ['Origin', 'https://partner.example'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-Site', 'cross-site'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Accept', 'text/html,*/*;q=0.8'],
  ['Accept', 'text/event-stream'],
  ['Referer', 'http://app.test/page?x=1'],
  ['X-User-Id', 'admin'],
  ['x_user_id', 'admin'],
  ['X.User.Id', 'admin'],
  ['X-Tenant', 'theirs'],
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Real-IP', '10.1.1.1'],
  ['Connection', 'X-Tenant, authorization'],
  ['TE', 'trailers'],
  ['Idempotency-Key', 'one'],
  ['X-Request-Id', 'request-of-mine'],
  ['X-Sallyport-Passive', '1'],
  ['Cookie', 'theme=dark; better-auth.session_data=x'],
  ['Access-Control-Request-Method', 'GET'],
  ['Access-Control-Request-Headers', 'content-type'],
  ['Content-Type', 'application/json'],
]

const preflight: readonly (readonly [string, string])[] = [
  ['Origin', 'https://partner.example'],
  ['Access-Control-Request-Method', 'GET'],
]

const hosts = ['app.test', 'app.test', 'app.test', 'admin.test', 'ADMIN.test', 'evil.example']

/** Requests, each with a credential out of a wallet. */
export function questions(wallet: Wallet, userId: string): fc.Arbitrary<Question> {
  return fc
    .record({
      method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'OPTIONS'),
      target: targets(userId),
      host: fc.constantFrom(...hosts),
      credential: fc.constantFrom(...Object.keys(wallet)),
      more: fc.oneof(
        { weight: 5, arbitrary: fc.subarray([...extras], { maxLength: 5 }) },
        { weight: 1, arbitrary: fc.constant(preflight) },
      ),
      body: fc.constantFrom('', '', 'short', 'longer than what one of the routes accepts'),
    })
    .map((each) => (each.more === preflight ? { ...each, method: 'OPTIONS' } : each))
    .map(({ method, target, host, credential, more, body }) => ({
      method,
      target,
      body: method === 'GET' || method === 'HEAD' ? '' : body,
      headers: [
        ['Host', host],
        ...(wallet[credential] ?? []),
        ...more,
        ...(body === '' || method === 'GET' || method === 'HEAD'
          ? []
          : [['Content-Length', String(body.length)] as const]),
      ],
    }))
}
