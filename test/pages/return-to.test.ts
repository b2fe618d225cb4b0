import fc from 'fast-check'
import t from 'tap'
import { safeReturnTo } from '../../src/pages/return-to.ts'

const kept = [
  '/',
  '/todos',
  '/todos?page=2',
  '/todos?page=2&next=//elsewhere.example',
  '/todos?next=https://elsewhere.example/',
  '/todos#top',
  '/a/b/',
  '/search?q=two words',
  '/caf%C3%A9',
  '/café',
  '/a:b@c',
  '/user@elsewhere.example',
  '/%40elsewhere.example',
  '/api/authors',
  '/_gateways',
  '/a/../b',
  '/?return_to=/_gateway/login',
  `/${'a'.repeat(2047)}`,
]

const replaced: readonly (readonly [what: string, value: string])[] = [
  ['nothing', ''],
  ['a bare word', 'todos'],
  ['a query alone', '?page=2'],
  ['a fragment alone', '#top'],
  ['an absolute URL', 'https://elsewhere.example/'],
  ['an absolute URL in capitals', 'HTTPS://ELSEWHERE.EXAMPLE/'],
  ['a scheme without slashes', 'https:elsewhere.example'],
  ['a script', 'javascript:alert(1)'],
  ['a script behind a space', ' javascript:alert(1)'],
  ['a data URL', 'data:text/html,<script>alert(1)</script>'],
  ['another host', '//elsewhere.example'],
  ['another host with user info', '//localhost@elsewhere.example'],
  ['three slashes', '///elsewhere.example'],
  ['four slashes', '////elsewhere.example'],
  ['a backslash for the second slash', '/\\elsewhere.example'],
  ['backslashes for both', '\\\\elsewhere.example'],
  ['a backslash before a slash', '/\\/elsewhere.example'],
  ['a backslash later on', '/a\\..\\..\\elsewhere.example'],
  ['a tab between the slashes', '/\t/elsewhere.example'],
  ['a line feed between the slashes', '/\n/elsewhere.example'],
  ['a carriage return between the slashes', '/\r/elsewhere.example'],
  ['a tab in front', '\t//elsewhere.example'],
  ['a space in front', ' //elsewhere.example'],
  ['a header injection', '/a\r\nLocation: https://elsewhere.example'],
  ['a null byte', '/a\0b'],
  ['a C1 control', '/a\u0085b'],
  ['a delete', '/a\x7fb'],
  ['a dot before an empty segment', '/.//elsewhere.example'],
  ['an encoded dot before an empty segment', '/%2e//elsewhere.example'],
  ['dots that leave an empty segment', '/a/..//elsewhere.example'],
  ['encoded dots that leave an empty segment', '/a/%2E%2e//elsewhere.example'],
  ['a lone surrogate', '/a\ud800'],
  ['a broken escape', '/%zz'],
  ['an escape that is not UTF-8', '/%ff'],
  ['one character too many', `/${'a'.repeat(2048)}`],
  ['the login page', '/_gateway/login'],
  ['the login page with a return_to', '/_gateway/login?return_to=/a'],
  ['the gateway itself', '/_gateway'],
  ['another endpoint of the gateway', '/_gateway/token'],
  ['the login page by dots', '/a/../_gateway/login'],
  ['the login page by encoded dots', '/a/%2e%2e/_gateway/login'],
  ['the login page by an encoded letter', '/%5Fgateway/login'],
  ['the login page by an encoded slash', '/_gateway%2Flogin'],
  ['an endpoint of Better Auth', '/api/auth/sign-out'],
  ['the path of Better Auth', '/api/auth?x'],
]

t.test('a path of this origin is kept as it is', async (t) => {
  for (const value of kept) t.equal(safeReturnTo(value), value)
})

t.test('everything else becomes the start page', async (t) => {
  for (const [what, value] of replaced) t.equal(safeReturnTo(value), '/', what)
  t.equal(safeReturnTo(undefined), '/', 'a parameter that is missing')
  t.equal(safeReturnTo(null), '/', 'a parameter that is null')
})

t.test('what is excluded follows the configuration', async (t) => {
  t.equal(safeReturnTo('/auth/sign-out', ['/auth', '/login']), '/')
  t.equal(safeReturnTo('/login', ['/auth', '/login']), '/')
  t.equal(safeReturnTo('/api/auth', ['/auth']), '/api/auth')
  t.equal(safeReturnTo('/_gateway/login', []), '/')
})

t.test('no text at all leads a browser to another origin', async (t) => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '%2e',
    '%2f',
    '%5c',
    '\t',
    '\n',
    ':',
    '@',
    'x',
    '?',
    '#',
    'http',
    ' ',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`),
    fc.string({ unit: 'binary' }),
  )
  const bases = ['https://app.example/', 'http://localhost:8080/_gateway/login?x=//y']
  fc.assert(
    fc.property(text, fc.constantFrom(...bases), (value, base) => {
      const target = new URL(safeReturnTo(value), base)
      // Also for whoever takes only the path of the result and navigates to that.
      return (
        target.origin === new URL(base).origin &&
        new URL(target.pathname + target.search, base).origin === target.origin
      )
    }),
    { numRuns: 3000 },
  )
  t.pass('held')
})
