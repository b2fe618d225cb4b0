import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { generatedPages } from '../../docs/generate.ts'
import { catalogue } from '../../src/errors/catalogue.ts'
import { root } from './pages.ts'

for (const [file, text] of Object.entries(generatedPages())) {
  t.test(`docs/${file} is current`, async (t) => {
    const committed = readFileSync(join(root, 'docs', file), 'utf8')
    t.equal(committed, text, 'run: node docs/generate.ts')
  })
}

t.test('every code has a section of its own', async (t) => {
  const page = generatedPages()['errors.md'] ?? ''
  const missing = Object.keys(catalogue).filter((code) => !page.includes(`\n### ${code}\n`))
  t.strictSame(missing, [])
})

t.test('every key of the configuration is on its page, with what it means', async (t) => {
  const page = generatedPages()['configuration.md'] ?? ''
  for (const key of ['server.publicUrl', 'routes[].match.path', 'upstreams.<name>.timeout.idle']) {
    t.match(page, new RegExp(`\\| \`${key.replaceAll(/[.[\]]/g, String.raw`\$&`)}\` \\|`))
  }
  t.notMatch(page, /\| *\|$/m, 'no key is without a meaning')
})
