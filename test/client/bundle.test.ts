import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'

const root = join(import.meta.dirname, '../..')

/** What DESIGN §1.7 promises, bytes with gzip: the core, and the whole kit. */
const budgets = { core: 2500, client: 4500 }

/** Does what `npm run build:kit` does, elsewhere: what has been built some time ago proves nothing. */
function bundle(t: Test): string {
  const folder = t.testdir({})
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const command = (scripts['build:kit'] ?? '').replaceAll('dist/client', folder)
  execFileSync('/bin/sh', ['-c', command], {
    cwd: root,
    env: {
      ...process.env,
      PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    },
    stdio: 'pipe',
  })
  return folder
}

t.test('the kit is as small as it is said to be, whole, and says the same', async (t) => {
  const folder = bundle(t)
  for (const [name, budget] of Object.entries(budgets)) {
    const file = join(folder, `${name}.min.js`)
    const text = readFileSync(file, 'utf8')
    const size = gzipSync(text, { level: 9 }).length
    t.ok(size <= budget, `${name} takes ${size} bytes of ${budget}`)
    t.notMatch(text, /\bimport\b\s*[\w{*("']|\brequire\s*\(/, `${name} needs no other file`)
    t.notMatch(text, /\bnode:|\bprocess\.|sourceMappingURL/, name)
    const source = name === 'client' ? 'index' : name
    const [bundled, written] = (await Promise.all([
      import(pathToFileURL(file).href),
      import(pathToFileURL(join(root, `src/client/${source}.ts`)).href),
    ])) as [object, object]
    // The sources of the core export what the whole kit is made of, too.
    const names = Object.keys(bundled).toSorted()
    t.strictSame(names, Object.keys(written).toSorted(), name)
    t.ok(names.includes('readProblem'))
  }
})

t.test('what is served is what the sources say', async (t) => {
  const folder = bundle(t)
  for (const name of Object.keys(budgets)) {
    const [fresh, built] = [folder, join(root, 'dist/client')].map((each) =>
      readFileSync(join(each, `${name}.min.js`), 'utf8'),
    )
    t.equal(built, fresh, `${name}: run npm run build:gateway`)
  }
})
