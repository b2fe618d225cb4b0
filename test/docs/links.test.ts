import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { proseOf, readPages, root, type Page } from './pages.ts'

const pages = readPages()

/** The anchors of a page: its headings as GitHub spells them. Code in a heading keeps its words. */
function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function linksOf({ text }: Page): readonly string[] {
  return [...proseOf(text).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

/** Why a link leads nowhere, or null. Links to other sites are not followed. */
function judge(page: Page, target: string): string | null {
  if (/^https?:/.test(target)) return null
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page.file : join(dirname(page.file), path)
  if (!existsSync(join(root, file))) return `${page.file}: ${target}: there is no such file`
  if (anchor === undefined) return null
  const there = pages.find((each) => each.file === file)
  return there !== undefined && anchorsOf(there).has(anchor)
    ? null
    : `${page.file}: ${target}: there is no such heading`
}

t.test('every link inside the documentation leads somewhere', async (t) => {
  const links = pages.flatMap((page) => linksOf(page).map((target) => ({ page, target })))
  t.ok(links.length > 50, 'links are found')
  const broken = links.map(({ page, target }) => judge(page, target))
  t.strictSame(
    broken.filter((problem) => problem !== null),
    [],
  )
})

t.test('a link that leads nowhere is noticed', async (t) => {
  const page = { file: 'README.md', text: '' }
  t.match(judge(page, 'docs/nowhere.md'), /no such file/)
  t.match(judge(page, 'docs/errors.md#nothing'), /no such heading/)
  t.equal(judge(page, 'docs/errors.md#token_expired'), null)
})

t.test('every decision is in the list of decisions', async (t) => {
  const list = pages.find(({ file }) => file === 'docs/adr/README.md')
  t.ok(list)
  const files = readdirSync(join(root, 'docs/adr')).filter((file) => /^\d{4}-/.test(file))
  t.ok(files.length > 0)
  const missing = files.filter((file) => list?.text.includes(`](${file})`) !== true)
  t.strictSame(missing, [])
})

t.test('paths of sources that are named in prose are there', async (t) => {
  const named = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/`?((?:src|test|config|deploy|docs)\/[\w./-]+\.(?:ts|json|js|md|py|yaml))/g)]
      .filter(([, path = '']) => !path.includes('…'))
      .map(([, path = '']) => ({ file, path })),
  )
  const missing = named.filter(
    ({ file, path }) =>
      !existsSync(join(root, path)) && !existsSync(join(root, dirname(file), path)),
  )
  t.strictSame(missing, [])
})
