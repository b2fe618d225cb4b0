import { createHash } from 'node:crypto'
import t from 'tap'
import type { Brand } from '../../src/pages/brand.ts'
import { escapeHtml } from '../../src/pages/escape.ts'
import { problemPageCsp, renderProblemPage } from '../../src/pages/problem.ts'

const sha256Base64 = (text: string) => createHash('sha256').update(text).digest('base64')

const plain: Brand = { name: null, logo: null }
const problem = { title: 'T', status: 404, detail: 'D', code: 'c', requestId: 'r' }
const hostile = `"><script>alert('1')</script>&amp;`

function sources(csp: string, directive: string): readonly string[] {
  const found = csp.split('; ').find((part) => part.startsWith(`${directive} `))
  return found?.split(' ').slice(1) ?? []
}

t.test('text with every dangerous character is harmless as content and attribute', async (t) => {
  t.equal(escapeHtml(`<a b="c" d='e'>&lt;`), '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;lt;')
  t.equal(escapeHtml('plain, äöü'), 'plain, äöü')
})

t.test('a refusal page shows the problem, escaped, and runs no script', async (t) => {
  const html = renderProblemPage(
    {
      title: `Not found ${hostile}`,
      status: 404,
      detail: `No route. ${hostile}`,
      code: `route_not_found${hostile}`,
      requestId: `r-1${hostile}`,
    },
    { name: hostile, logo: null },
  )
  t.match(html, /<p class="status">404<\/p>/)
  t.match(html, /route_not_found&quot;&gt;&lt;script&gt;/)
  t.match(html, /r-1&quot;/)
  t.match(html, /<p class="name">&quot;&gt;&lt;script&gt;/)
  t.notMatch(html, /<script/)
  t.notMatch(html, /&amp;lt;/, 'nothing is escaped twice')
})

t.test('only a problem that may pass offers to try again', async (t) => {
  t.match(renderProblemPage({ ...problem, action: 'retry' }, plain), 'Try again')
  t.notMatch(renderProblemPage({ ...problem, action: 'none' }, plain), 'Try again')
})

t.test('the policy of a refusal page allows its style and nothing else', async (t) => {
  const html = renderProblemPage(problem, plain)
  const styles = [...html.matchAll(/<style>(.*?)<\/style>/gs)].map((match) => match[1] ?? '')
  const hashes = styles.map((style) => `'sha256-${sha256Base64(style)}'`)
  const csp = problemPageCsp(plain)
  t.same(sources(csp, 'style-src'), hashes)
  t.same(sources(csp, 'default-src'), ["'none'"])
  t.same(sources(csp, 'img-src'), ['data:'])
  t.notMatch(csp, /unsafe|script-src/)
})

t.test('a refusal page names the application, and shows its logo instead', async (t) => {
  const named = renderProblemPage(problem, { name: 'Acme', logo: null })
  t.match(named, '<title>T (404) · Acme</title>')
  t.match(named, '<p class="name">Acme</p>')
  const brand: Brand = { name: 'Acme', logo: '/_gateway/pages/logo-x.svg' }
  const dressed = renderProblemPage(problem, brand)
  t.match(dressed, '<img class="logo" src="/_gateway/pages/logo-x.svg" alt="">')
  t.match(dressed, '<link rel="icon" href="/_gateway/pages/logo-x.svg">')
  t.notMatch(dressed, 'class="name"', 'a logo says it by itself')
  t.same(sources(problemPageCsp(brand), 'img-src'), ["'self'"])
})
