import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { blocksIn, readPages, root } from './pages.ts'

const readme = readPages().find(({ file }) => file === 'README.md')?.text ?? ''

function help(...args: readonly string[]): string {
  const program = join(root, 'src/sallyport.js')
  return execFileSync(process.execPath, [program, ...args, '--help'], { encoding: 'utf8' })
}

t.test('the README lists the commands that there are, with options that they have', async (t) => {
  const rows = [...readme.matchAll(/^\| `sallyport (\w+)` \| (.*) \|$/gm)]
  const listed = rows.map(([, name = '']) => name)
  const existing = [...help().matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name)
  t.strictSame([...listed, 'help'].sort(), existing.sort())
  for (const [, name = '', meaning = ''] of rows) {
    for (const [, option = ''] of meaning.matchAll(/`(--[\w-]+)/g)) {
      t.match(help(name), option, `${name} ${option}`)
    }
  }
})

t.test('commands in blocks are commands and scripts that there are', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const text = blocksIn('sh')
    .map((block) => block.text)
    .join('\n')
  const used = [...text.matchAll(/\bnpx sallyport (\w+)/g)].map(([, name = '']) => name)
  t.ok(used.length > 0)
  for (const name of used) t.match(help(), ` ${name} `)
  for (const [, name = ''] of `${text}\n${readme}`.matchAll(/\bnpm run ([\w:]+)/g)) {
    t.ok(Object.hasOwn(scripts, name), `npm run ${name}`)
  }
})

t.test('exactly one block starts everything', async (t) => {
  t.equal(blocksIn('sh').filter(({ mark }) => mark === 'start').length, 1)
})
