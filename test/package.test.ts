import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')

interface Manifest {
  readonly bin: { readonly sallyport: string }
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

t.test('everything that the package names is packed', async (t) => {
  // A dry run only lists; scripts would build what is listed a second time.
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const printed = execFileSync('npm', args, { cwd: root, encoding: 'utf8' })
  const [{ files }] = JSON.parse(printed) as [{ files: readonly { path: string }[] }]
  const packed = new Set(files.map(({ path }) => `./${path}`))
  const targets = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  )
  for (const target of [...targets, `./${manifest.bin.sallyport}`]) {
    t.ok(packed.has(target), target)
    t.ok(existsSync(join(root, target)), `${target} has been built`)
  }
  for (const module of ['main', 'calls', 'outcome', 'words'])
    t.ok(packed.has(`./dist/pages/browser/${module}.js`), 'what the sign-in page runs')
  t.ok(packed.has('./README.md') && packed.has('./LICENSE'))
  t.ok(packed.has('./dist/client/client.min.js'), 'what is served at /_gateway/client.js')
  const leaks = [...packed].filter((path) => /\.env|\.db|^\.\/(?:test|deploy|bench)\//.test(path))
  t.same(leaks, [], 'no secrets, tests or demo')
})

t.test('what other programs import is there', async (t) => {
  const gateway = (await import('sallyport')) as Record<string, unknown>
  t.type(gateway['createGateway'], 'function')
  t.type(gateway['loadConfig'], 'function')
  const auth = (await import('sallyport/better-auth')) as Record<string, unknown>
  t.type(auth['defineAuth'], 'function')
  const client = (await import('sallyport/client')) as Record<string, unknown>
  t.type(client['createGatewayClient'], 'function')
  t.type(client['readProblem'], 'function')
  const core = (await import('sallyport/client/core')) as Record<string, unknown>
  t.type(core['createCoreClient'], 'function')
})

t.test('the lock file holds no download addresses', async (t) => {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  t.notMatch(lock, /"resolved"|https?:\/\/[^"]*\.tgz/)
})
