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
  const tickets = ['?ticket=abc', `?a=1&ticket=${'t'.repeat(43)}`, '?ticket=abc&ticket=abc']
  const query = fc.constantFrom('', '', '', '?page=2', '?page=2', '?q=%2e%2e/&x', ...tickets)
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

/** In one of eight something else. */
function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  const other = fc.constantFrom(...others)
  return fc.oneof({ weight: 7, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other })
}

/** What pages and programs send to open a WebSocket, and what only looks like it. */
const handshakes = fc
  .record({
    upgrade: mostly('websocket', 'WebSocket, h2c', 'h2c'),
    connection: mostly('Upgrade', 'keep-alive, Upgrade', null),
    version: mostly('13', '8', null),
    key: mostly('dGhlIHNhbXBsZSBub25jZQ==', 'short', null),
    protocols: fc.constantFrom<readonly string[]>(
      ...[[], [], ['chat'], ['chat, v2 ,v3'], ['v2', 'chat'], ['chat, chat']],
      // Pages that can set no header write a token here. It is no credential.
      [`bearer, ${'t'.repeat(30)}`],
    ),
    origin: fc.constantFrom(null, 'http://app.test', 'http://app.test', 'https://other.example'),
    more: fc.subarray([
      ['Sec-WebSocket-Extensions', 'permessage-deflate'],
      ['Cookie', 'theme=dark'],
      ['X-User-Id', 'admin'],
      ['Referer', 'http://app.test/page'],
      ['Accept', 'text/html'],
    ] as [string, string][]),
  })
  .map(({ upgrade, connection, version, key, protocols, origin, more }) => {
    const optional: readonly (readonly [string, string | null])[] = [
      ['Connection', connection],
      ['Sec-WebSocket-Version', version],
      ['Sec-WebSocket-Key', key],
      ['Origin', origin],
    ]
    return [
      ['Upgrade', upgrade] as const,
      ...optional.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
      ...protocols.map((value) => ['Sec-WebSocket-Protocol', value] as const),
      ...more,
    ]
  })

const hosts = ['app.test', 'app.test', 'app.test', 'admin.test', 'ADMIN.test', 'evil.example']

const socketTargets = ['/api/users/me', '/api/a', '/api/x/list', '/open/a', '/app/x', '/x']

/** Requests, each with a credential out of a wallet. */
export function questions(wallet: Wallet, userId: string): fc.Arbitrary<Question> {
  const credentials = Object.keys(wallet)
  const request = fc.record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'OPTIONS'),
    target: targets(userId),
    host: fc.constantFrom(...hosts),
    credential: fc.constantFrom(...credentials),
    more: fc.subarray([...extras], { maxLength: 5 }),
    body: fc.constantFrom('', '', 'short', 'longer than what one of the routes accepts'),
  })
  const socket = fc.record({
    method: mostly('GET', 'POST', 'OPTIONS', 'HEAD'),
    target: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...socketTargets, `/api/users/${userId}`) },
      { weight: 1, arbitrary: targets(userId) },
    ),
    host: mostly('app.test', ...hosts),
    credential: fc.oneof(
      fc.constantFrom('session', 'session', 'session', 'admin', 'nobody', 'forged'),
      fc.constantFrom(...credentials),
    ),
    more: handshakes,
    body: mostly('', 'short'),
  })
  const asPreflight = request.map((each) => ({ ...each, method: 'OPTIONS', more: preflight }))
  return fc
    .oneof(
      { weight: 5, arbitrary: request },
      { weight: 1, arbitrary: asPreflight },
      { weight: 5, arbitrary: socket },
    )
    .map(({ method, target, host, credential, more, body }) => {
      const sent = method === 'GET' || method === 'HEAD' ? '' : body
      const length = sent === '' ? [] : [['Content-Length', String(sent.length)] as const]
      const headers = [['Host', host] as const, ...(wallet[credential] ?? []), ...more, ...length]
      return { method, target, body: sent, headers }
    })
}
