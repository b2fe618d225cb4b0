import fc from 'fast-check'
import t from 'tap'
import { isRefusal } from '../../src/errors/refusal.ts'
import { readTarget, toOriginForm } from '../../src/routing/canonical.ts'
import { targets } from '../vectors/targets.ts'

t.test('each target has one meaning or is refused', async (t) => {
  for (const [target, path, why] of targets) {
    const result = readTarget(target)
    if (path === null) {
      t.ok(isRefusal(result) || result.escapes.length > 0, `${why}: ${target}`)
    } else {
      t.match(result, { target, path, escapes: [] }, `${why}: ${target}`)
    }
  }
})

t.test('escapes that a route may allow are reported, and decoded for matching', async (t) => {
  t.match(readTarget('/files/a%2Fb'), { path: '/files/a/b', escapes: ['%2F'] })
  t.match(readTarget('/files/100%25'), { path: '/files/100%', escapes: ['%25'] })
  t.match(readTarget('/files/a;v=1'), { path: '/files/a;v=1', escapes: [';'] })
})

t.test('an escape that may be allowed never hides a dot or empty segment', async (t) => {
  for (const target of [
    '/a/..%2Fb',
    '/a%2F..%2Fb',
    '/a%2F%2Fb',
    '/a/%2Fb',
    '/a/..;x/b',
    '/a/.;x',
    '/a/;x/b',
  ]) {
    t.match(readTarget(target), { code: 'path_not_canonical' }, target)
  }
})

t.test('a target above 8192 characters is too long', async (t) => {
  t.match(readTarget(`/${'a'.repeat(8191)}`), { escapes: [] })
  t.match(readTarget(`/${'a'.repeat(8192)}`), { code: 'uri_too_long' })
})

t.test('absolute-form for our own host becomes origin-form, for another it stays', async (t) => {
  t.equal(toOriginForm('http://app.test/api?x', 'app.test'), '/api?x')
  t.equal(toOriginForm('HTTPS://APP.test', 'app.TEST'), '/')
  t.equal(toOriginForm('http://evil.test/api', 'app.test'), 'http://evil.test/api')
  t.equal(toOriginForm('http://user@app.test/api', 'app.test'), 'http://user@app.test/api')
  t.equal(toOriginForm('/api', undefined), '/api')
})

t.test('whatever is accepted decodes to a path without tricks', async () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    '\\',
    ';',
    '%25',
    '%41',
    'a',
    '%c3%a9',
    '//',
    '%00',
    '?',
    '#',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const result = readTarget(`/${pieces.join('')}`)
      if (isRefusal(result)) return true
      const segments = result.path.slice(1).split('/')
      const isTricky = segments.some((segment, index) => {
        const isLast = index === segments.length - 1
        return segment === '.' || segment === '..' || (segment === '' && !isLast)
      })
      return !isTricky && !/[\\\p{Cc}]/u.test(result.path)
    }),
    { numRuns: 5000 },
  )
})
