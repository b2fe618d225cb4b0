import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { judgeSecret } from '../../src/config/secrets.ts'
import {
  parseDomain,
  parseHost,
  parseListen,
  parseNetwork,
  parseOrigin,
} from '../../src/config/values/address.ts'
import type { Parsed } from '../../src/config/values/parsed.ts'
import { parseAuthPath, parseDatabase, parseLoginPage } from '../../src/config/values/path.ts'
import { parseDuration, parseSize } from '../../src/config/values/quantity.ts'
import { expandReferences, retype } from '../../src/config/yaml/references.ts'
import { suggest } from '../../src/config/yaml/suggest.ts'

type Table = Readonly<Record<string, unknown>>

/** Checks texts against their values; `refused` stands for any problem. */
function check(t: Test, parse: (text: string) => Parsed<unknown>, table: Table) {
  for (const [text, wanted] of Object.entries(table)) {
    const parsed = parse(text)
    t.strictSame('value' in parsed ? parsed.value : refused, wanted, JSON.stringify(text))
  }
}
const refused = Symbol('refused')

t.test('durations and sizes need a unit and end in whole units', async (t) => {
  check(t, parseDuration, {
    '500ms': 500,
    '1.1s': 1100,
    '0': 0,
    '0s': 0,
    '7d': 604_800_000,
    '30': refused,
    '1S': refused,
    ' 1s': refused,
    '1e3s': refused,
    '-1s': refused,
    '': refused,
    '0.0001s': refused,
    '99999999999999d': refused,
    '1constructor': refused,
  })
  check(t, parseSize, { '256KB': 262_144, '1.5MB': 1_572_864, '1KiB': refused, '10%': refused })
})

t.test('origins hold scheme, host and port and nothing else', async (t) => {
  check(t, parseOrigin, {
    'http://localhost:8080': 'http://localhost:8080',
    'HTTPS://App.Example.com:443/': 'https://app.example.com',
    'http://[::1]:80': 'http://[::1]',
    'ftp://a': refused,
    'http://': refused,
    'http://a b': refused,
    'http://user@a': refused,
    'http://a\\b': refused,
    'http://a/b': refused,
    'http://a?b': refused,
    'http://a#': refused,
    'https://*.example.com': refused,
    'http://a:99999': refused,
    null: refused,
  })
})

t.test('addresses to listen on', async (t) => {
  check(t, (text) => parseListen(text, '0.0.0.0'), {
    '0.0.0.0:8080': { host: '0.0.0.0', port: 8080 },
    '[::]:8080': { host: '::', port: 8080 },
    'localhost:0': { host: 'localhost', port: 0 },
    '8080': { host: '0.0.0.0', port: 8080 },
    ':8080': refused,
    localhost: refused,
    '[x]:1': refused,
    '1.2.3.4:65536': refused,
    '300.1.1.1:80': refused,
    'http://a:80': refused,
  })
})

t.test('host names, networks and domains', async (t) => {
  check(t, parseHost, {
    'A.example:8443': 'a.example:8443',
    '[::1]:80': '[::1]:80',
    'a/b': refused,
    '[::g]': refused,
    '': refused,
  })
  check(t, parseNetwork, {
    '10.0.0.0/8': '10.0.0.0/8',
    '::1': '::1',
    'FD00::/8': 'fd00::/8',
    '10.0.0.0/33': refused,
    '::/129': refused,
    '1.2.3': refused,
    '01.2.3.4': refused,
    '1.2.3.4.': refused,
    localhost: refused,
  })
  check(t, parseDomain, { 'Example.com': 'example.com', com: refused, '1.2.3.4': refused })
})

t.test('paths of the login page, of Better Auth and of the database', async (t) => {
  check(t, parseLoginPage, {
    '/login?x=1': '/login?x=1',
    'https://id.example/login': 'https://id.example/login',
    '//evil.example': refused,
    '/\\evil.example': refused,
    'javascript:alert(1)': refused,
    login: refused,
    '/login#a': refused,
    'https://u:p@id.example/': refused,
  })
  check(t, parseAuthPath, {
    '/api/auth': '/api/auth',
    '/': refused,
    auth: refused,
    '/auth/': refused,
    '/a//b': refused,
    '/a/../b': refused,
    '/_gateway': refused,
    '/a%20b': refused,
  })
  check(t, parseDatabase, {
    'sqlite:./a.db': { kind: 'sqlite', file: './a.db' },
    'sqlite::memory:': { kind: 'sqlite', file: ':memory:' },
    ':memory:': { kind: 'sqlite', file: ':memory:' },
    'postgres://ada:x@db:5432/auth': { kind: 'postgres', url: 'postgres://ada:x@db:5432/auth' },
    'postgresql://db/auth': { kind: 'postgres', url: 'postgresql://db/auth' },
    'postgres://db/': refused,
    'postgresql+asyncpg://db/auth': refused,
    'sqlite:': refused,
    'sqlite:///a.db': refused,
    'postgres://a': refused,
    'mysql://a': refused,
  })
})

t.test('random secrets of every usual spelling pass', async (t) => {
  for (let round = 0; round < 200; round += 1) {
    const bytes = randomBytes(32)
    for (const encoding of ['base64url', 'base64', 'hex'] as const) {
      t.equal(judgeSecret(bytes.toString(encoding)), null)
    }
    t.equal(judgeSecret(`prod-jwt-secret-${bytes.toString('hex')}`), null)
    t.equal(judgeSecret(crypto.randomUUID()), null)
  }
})

t.test('secrets that people copy or type are refused without being repeated', async (t) => {
  const weak = [
    '',
    'secret',
    'x'.repeat(64),
    'secret'.repeat(8),
    'changethischangethischangethischangethis',
    'your-super-secret-jwt-key-change-this-in-production',
    'a-string-secret-at-least-256-bits-long',
    'better-auth-secret-12345678901234567890',
    '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
    '12345678901234567890123456789012',
    'zyxwvutsrqponmlkjihgfedcba9876543210',
    '0123456789abcdef0123456789abcdef',
    ` ${randomBytes(32).toString('hex')}`,
  ]
  for (const secret of weak) {
    const problem = judgeSecret(secret)
    t.not(problem, null, JSON.stringify(secret))
    if (secret.length > 6) t.notMatch(problem, secret)
  }
})

t.test('references are replaced one by one and never twice', async (t) => {
  const env: Record<string, string> = { A: '${B}', B: 'b', EMPTY: '' }
  const expand = (text: string) => expandReferences(text, (name) => env[name]).text
  t.equal(expand('${A}-${B}'), '${B}-b')
  t.equal(expand('$${B} $B $$'), '${B} $B $$')
  t.equal(expand('${EMPTY}|${EMPTY:-x}|${NONE:-}'), '|x|')
  t.equal(expand('${NONE:-a:-b}'), 'a:-b')
  for (const wrong of ['${NONE}', '${EMPTY:?}', '${', '${}', '${A-b}', '${1A}', '${NONE:-${B}}']) {
    t.equal(expand(wrong), null, wrong)
  }
})

t.test('texts from the environment become what YAML would make of them', async (t) => {
  const table = {
    '1': 1,
    '-2.5': -2.5,
    '1e3': 1000,
    true: true,
    False: false,
    '~': null,
    null: null,
  }
  for (const [text, value] of Object.entries(table)) t.equal(retype(text), value)
  for (const text of ['', 'yes', '1.2.3', '0x', 'nan', ' 1']) t.equal(retype(text), text)
})

t.test('only what is close is suggested', async (t) => {
  t.equal(suggest('optinal', ['required', 'optional']), ', did you mean "optional"?')
  t.equal(suggest('get', ['GET', 'PUT']), ', did you mean "GET"?')
  t.equal(suggest('bananas', ['required', 'optional']), '')
  t.equal(suggest('', ['a']), '')
  t.equal(suggest('x'.repeat(100_000), ['a']), '')
})
