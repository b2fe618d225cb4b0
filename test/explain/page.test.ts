// The console blocks of docs/explain.md show what the commands print for the demo. Written anew by `node test/explain/page.test.ts --write`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { outputOf, wordsOf } from './cases.ts'
import { root } from '../docs/pages.ts'

const file = join(root, 'docs/explain.md')
const block = /^```console\n\$ npx sallyport (.*)\n([^]*?)^```$/gm

if (process.argv.includes('--write')) {
  let text = readFileSync(file, 'utf8')
  for (const [whole, line = ''] of text.matchAll(block)) {
    const { out } = await outputOf(wordsOf(line), root)
    const written = ['```console', `$ npx sallyport ${line}`, out, '```'].join('\n')
    text = text.replace(whole, () => written)
  }
  writeFileSync(file, text)
}

const blocks = [...readFileSync(file, 'utf8').matchAll(block)]

t.test('there are blocks to hold against the commands', async (t) => {
  t.ok(blocks.length >= 4)
})

for (const [, line = '', shown = ''] of blocks) {
  t.test(`sallyport ${line} prints what the page shows`, async (t) => {
    const { out } = await outputOf(wordsOf(line), root)
    t.equal(`${out}\n`, shown)
  })
}
