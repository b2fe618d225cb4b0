import t, { type Test } from 'tap'
import { parseHostName, parseRedisUrl } from '../../src/config/values/address.ts'
import { judgeHeaderChange, parseHeaderValue } from '../../src/config/values/headers.ts'
import type { Parsed } from '../../src/config/values/parsed.ts'
import { parseFallback, parsePrefix, parseProbePath } from '../../src/config/values/path.ts'
import { parsePercentage } from '../../src/config/values/quantity.ts'

/** Checks texts against their values; `refused` stands for any problem. */
function check(
  t: Test,
  parse: (text: string) => Parsed<unknown>,
  table: Readonly<Record<string, unknown>>,
) {
  for (const [text, wanted] of Object.entries(table)) {
    const parsed = parse(text)
    t.strictSame('value' in parsed ? parsed.value : refused, wanted, JSON.stringify(text))
  }
}
const refused = Symbol('refused')

t.test('percentages become shares', async (t) => {
  check(t, parsePercentage, {
    '50%': 0.5,
    '12.5%': 0.125,
    '100%': 1,
    '50': refused,
    '-1%': refused,
    '50 %': refused,
    '%': refused,
    '': refused,
  })
})

t.test('a certificate is for a name, never for an address or a port', async (t) => {
  check(t, parseHostName, {
    'API.internal': 'api.internal',
    localhost: 'localhost',
    '10.0.0.1': refused,
    '::1': refused,
    'a:8443': refused,
    '*.example.com': refused,
    '': refused,
  })
})

t.test('where Redis is, with nothing that could change how it is spoken to', async (t) => {
  check(t, parseRedisUrl, {
    '': null,
    'redis://localhost': 'redis://localhost',
    'rediss://user:pw%2F%3F@[::1]:6380/2': 'rediss://user:pw%2F%3F@[::1]:6380/2',
    'redis://redis:6379/': 'redis://redis:6379/',
    localhost: refused,
    'http://redis': refused,
    'redis://': refused,
    'redis://:6379': refused,
    'redis://redis:0': refused,
    'redis://redis:99999': refused,
    'redis://redis/db': refused,
    'redis://redis/0/1': refused,
    'redis://redis?enableOfflineQueue=true': refused,
    'redis://redis?': refused,
    'redis://redis#': refused,
    'redis://:p#w@redis': refused,
    'redis://:p/w@redis': refused,
    'redis://a b': refused,
  })
})

t.test('paths that we ask for ourselves have one spelling', async (t) => {
  check(t, parseProbePath, {
    '/': '/',
    '/health': '/health',
    '/caf%C3%A9': '/caf%C3%A9',
    health: refused,
    '/health?': refused,
    '/health#a': refused,
    '/a//b': refused,
    '/a/./b': refused,
    '/%2e/b': refused,
    '/a%2Fb': refused,
    '/a;b': refused,
    '/a b': refused,
    '/{id}': refused,
    '/*': refused,
    'http://other/health': refused,
    '': refused,
  })
})

t.test('prefixes are whole literal segments', async (t) => {
  check(t, parsePrefix, {
    '/reports': '/reports',
    '/a/b.c~_-': '/a/b.c~_-',
    '/': refused,
    '': refused,
    reports: refused,
    '/reports/': refused,
    '/a//b': refused,
    '/a/../b': refused,
    '/a%20b': refused,
    '/{id}': refused,
    '/a/*': refused,
    '/é': refused,
  })
})

t.test('the fallback stays below its folder', async (t) => {
  check(t, parseFallback, {
    'index.html': 'index.html',
    'de/index.html': 'de/index.html',
    '..html': '..html',
    '/etc/passwd': refused,
    '../index.html': refused,
    'a/../../b': refused,
    './index.html': refused,
    'a//b': refused,
    'a/': refused,
    'a\\..\\b': refused,
    'a\u0000b': refused,
    '': refused,
  })
})

t.test('values of headers cannot end the line', async (t) => {
  check(t, parseHeaderValue, {
    a: 'a',
    "default-src 'self'; img-src *": "default-src 'self'; img-src *",
    '': refused,
    ' a': refused,
    'a ': refused,
    'a\r\nb: c': refused,
    'a\u0000': refused,
    'a\tb': refused,
    'a\u007f': refused,
    é: refused,
  })
})

t.test('routes change no header that has a meaning on the road', async (t) => {
  const identity = new Set(['x-user-id', 'x-person'])
  const taken = {
    both: [
      ...['Connection', 'Keep-Alive', 'Proxy-Connection', 'Proxy-Authenticate', 'TE', 'Trailer'],
      ...[
        'Proxy-Authorization',
        'Transfer-Encoding',
        'Upgrade',
        'HTTP2-Settings',
        'Content-Length',
      ],
      ...['Host', 'Forwarded', 'Via', 'X-Forwarded-For', 'X-Forwarded-Prefix', 'X-Real-IP'],
      ...['X-Request-Id', 'X-Sallyport-Code', 'X-Sallyport-Anything', 'Sec-WebSocket-Protocol'],
      ...['X-User-Id', 'x-USER-id', 'X-Person', 'a b', 'a:b', '', 'a\r\nb', 'é'],
    ],
    request: ['Authorization', 'Cookie', 'Expect', 'X-Api-Key', 'X_User_Id', 'X.User.Id', 'X_Fine'],
    response: ['Set-Cookie'],
  }
  for (const direction of ['request', 'response'] as const) {
    for (const name of [...taken.both, ...taken[direction]]) {
      t.type(judgeHeaderChange(name, direction, identity), 'string', `${direction} ${name}`)
    }
    for (const name of ['X-Tenant', 'Cache-Control', 'Accept-Encoding', 'X-Forward', 'Server']) {
      t.equal(judgeHeaderChange(name, direction, identity), null, `${direction} ${name}`)
    }
  }
  t.equal(judgeHeaderChange('X_Old', 'response', identity), null)
  t.equal(judgeHeaderChange('WWW-Authenticate', 'response', identity), null)
})
