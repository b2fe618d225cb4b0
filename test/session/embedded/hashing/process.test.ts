import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { verifyPassword } from 'better-auth/crypto'
import t from 'tap'
import { bareEnv } from '../../../helper/program.ts'

const root = join(import.meta.dirname, '../../../..')

for (const file of [
  'src/session/embedded/limits/password.ts',
  'dist/session/embedded/limits/password.js',
]) {
  t.test(`a process of ${file} hashes, and ends by itself`, async (t) => {
    const script = `
      const { createPasswordHashing } = await import('${pathToFileURL(join(root, file)).href}')
      const { hash } = createPasswordHashing()
      // Nothing but the hash keeps the process alive, and after it nothing does.
      hash('pässwörd').then(console.log)`
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script],
      {
        encoding: 'utf8',
        // What the test runner preloads would keep it waiting.
        env: bareEnv,
        timeout: 30_000,
      },
    )
    t.equal(status, 0)
    t.equal(stderr, '')
    t.equal(await verifyPassword({ hash: stdout.trim(), password: 'pässwörd' }), true)
  })
}
