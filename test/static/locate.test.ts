import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { belowPattern, isAssetPath, locate } from '../../src/static/locate.ts'

t.test(
  'the path below a pattern begins after its last slash before a parameter or "*"',
  async (t) => {
    const cases: readonly (readonly [readonly string[], string, string])[] = [
      [['/*'], '/', ''],
      [['/*'], '/a/b.js', 'a/b.js'],
      [['/app/*'], '/app', ''],
      [['/app/*'], '/app/', ''],
      [['/app/*'], '/app/x.js', 'x.js'],
      [['/app/*'], '/app/app/x.js', 'app/x.js'],
      [['/robots.txt'], '/robots.txt', 'robots.txt'],
      [['/a/robots.txt'], '/a/robots.txt', 'robots.txt'],
      [['/files/{name}'], '/files/x.pdf', 'x.pdf'],
      [['/{tenant}/app/*'], '/acme/app/x.js', 'acme/app/x.js'],
      [['/*', '/app/*'], '/app/x.js', 'x.js'],
      [['/*', '/app/*'], '/apple/x.js', 'apple/x.js'],
      [['/a/b', '/a/b/*'], '/a/b', 'b'],
      [['/a/b', '/a/b/*'], '/a/b/c', 'c'],
    ]
    for (const [patterns, path, below] of cases) {
      t.equal(belowPattern(patterns, path), below, `${patterns.join(' ')} ${path}`)
    }
  },
)

t.test('only what is below the folder is found, and only plain files', async (t) => {
  const folder = t.testdir({
    'secret.txt': 'secret',
    web: { 'a.txt': 'a', '.env': 'secret', sub: { 'index.html': 'sub' }, bare: {} },
    website: { 'b.txt': 'b' },
  })
  const dir = join(folder, 'web')
  symlinkSync('../secret.txt', join(dir, 'out.txt'))
  symlinkSync('../website', join(dir, 'site'))
  symlinkSync('a.txt', join(dir, 'in.txt'))
  const find = async (below: string, isFolder = false): Promise<string> => {
    const located = await locate(dir, below, isFolder)
    return located.kind === 'nothing' ? 'nothing' : `${located.kind} ${located.file}`
  }
  t.equal(await find('a.txt'), 'file a.txt')
  t.equal(await find('in.txt'), 'file in.txt')
  t.equal(await find('sub/', true), 'file sub/index.html')
  t.equal(await find('sub'), 'folder sub/index.html')
  const nowhere = ['', 'bare', 'x.txt', 'a.txt/x', '.env', 'sub/.x', 'out.txt', 'site/b.txt']
  for (const below of [...nowhere, '../secret.txt', 'sub/../../secret.txt', 'a\0b', 'a\\b']) {
    t.equal(await find(below), 'nothing', JSON.stringify(below))
  }
  t.equal(await find('a.txt', true), 'nothing')
  t.equal(await find('x'.repeat(300)), 'nothing')
  t.same(await locate(join(folder, 'gone'), 'a.txt', false), { kind: 'nothing' })
})

t.test('a folder that is itself a link is followed anew each time', async (t) => {
  const folder = t.testdir({ one: { 'a.txt': '1' }, two: { 'b.txt': '2' } })
  const current = join(folder, 'current')
  const find = async (name: string): Promise<string> => (await locate(current, name, false)).kind
  symlinkSync('one', current)
  t.same([await find('a.txt'), await find('b.txt')], ['file', 'nothing'])
  rmSync(current)
  symlinkSync('two', current)
  t.same([await find('a.txt'), await find('b.txt')], ['nothing', 'file'])
})

t.test('what programs load is told from what people open', async (t) => {
  for (const path of ['/a.js', '/a.MJS', '/a/b.css', '/x.webmanifest', '/doc.pdf', '/f.woff2']) {
    t.ok(isAssetPath(path), path)
  }
  for (const path of ['/', '/a', '/users/john.doe', '/v1.2/docs', '/a.html', '/a.js/b', '/js']) {
    t.notOk(isAssetPath(path), path)
  }
})
