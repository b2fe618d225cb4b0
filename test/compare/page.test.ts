import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../cli/run.ts'
import { readPages, root } from '../docs/pages.ts'

const page = readPages().find(({ file }) => file === 'docs/changes.md')?.text ?? ''
const api = readFileSync(join(root, 'test/openapi/fixtures/demo.json'), 'utf8')

/** The block below a comment; formatters put an empty line between them. */
function block(mark: string): string {
  const found = new RegExp(`<!-- ${mark} -->\\n\\n\`\`\`\\w+\\n([^]*?)\`\`\``).exec(page)
  return found?.[1] ?? ''
}

function folderOf(t: Test): string {
  return t.testdir({
    'old.yaml': block('before'),
    'gateway.config.yaml': block('after'),
    'openapi.json': api,
  })
}

t.test('diff says what the page says it does, without any secret', async (t) => {
  const { code, out, err } = await run(folderOf(t), ['diff', 'old.yaml'], {})
  t.equal(out, block('diff'))
  t.equal(code, 1)
  t.match(err, /^BETTER_AUTH_SECRET is not set: taken to be the same on both sides\nJWT_SECRET /)
})

t.test('the id that the page accepts is the one that is printed', async (t) => {
  const [, id = ''] = /`--accept '([^']+)'`/.exec(page) ?? []
  t.match(block('diff'), `accept: ${id}\n`)
  const { err, out } = await run(folderOf(t), ['diff', 'old.yaml', '--accept', id])
  t.notMatch(err, 'nothing loosens so')
  t.match(out, /^accepted {2}`GET \/api\/reports\/\*` becomes public/m)
})

t.test('audit and its list say what the page says they do', async (t) => {
  const folder = folderOf(t)
  const asked = ['audit', '--openapi', 'openapi.json']
  const { out } = await run(folder, asked, {})
  t.equal(out, block('audit'))
  t.match(await run(folder, [...asked, '--public', 'public.txt', '--write'], {}), { code: 0 })
  t.equal(readFileSync(join(folder, 'public.txt'), 'utf8'), block('list'))
})
