import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import t from 'tap'
import { escapeHtml } from '../../src/pages/html.ts'
import { createLoginPage, type LoginPageOptions } from '../../src/pages/login.ts'
import { problemPageCsp, renderProblemPage } from '../../src/pages/problem.ts'

const sha256Base64 = (text: string) => createHash('sha256').update(text).digest('base64')

const options: LoginPageOptions = {
  authPath: '/api/auth',
  email: true,
  signUp: 'open',
  social: ['github', 'google'],
  sha256Base64,
}

const hostile = `"><script>alert('1')</script>&amp;`

/** What the elements of that name contain, as a browser would hash it. */
function contents(html: string, element: 'script' | 'style'): readonly string[] {
  const pattern = new RegExp(`<${element}>(.*?)</${element}>`, 'gs')
  return [...html.matchAll(pattern)].map((match) => match[1] ?? '')
}

function sources(csp: string, directive: string): readonly string[] {
  const found = csp.split('; ').find((part) => part.startsWith(`${directive} `))
  return found?.split(' ').slice(1) ?? []
}

t.test('text with every dangerous character is harmless as content and attribute', async (t) => {
  t.equal(escapeHtml(`<a b="c" d='e'>&lt;`), '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;lt;')
  t.equal(escapeHtml('plain, äöü'), 'plain, äöü')
})

t.test('a refusal page shows the problem, escaped, and runs no script', async (t) => {
  const html = renderProblemPage({
    title: `Not found ${hostile}`,
    status: 404,
    detail: `No route. ${hostile}`,
    code: `route_not_found${hostile}`,
    requestId: `r-1${hostile}`,
  })
  t.match(html, /<p class="status">404<\/p>/)
  t.match(html, /route_not_found&quot;&gt;&lt;script&gt;/)
  t.match(html, /r-1&quot;/)
  t.notMatch(html, /<script/)
  t.notMatch(html, /&amp;lt;/, 'nothing is escaped twice')
})

t.test('only a problem that may pass offers to try again', async (t) => {
  const problem = { title: 'T', status: 502, detail: 'D', code: 'c', requestId: 'r' }
  t.match(renderProblemPage({ ...problem, action: 'retry' }), 'Try again')
  t.notMatch(renderProblemPage({ ...problem, action: 'none' }), 'Try again')
})

t.test('the policy of a refusal page allows its style and nothing else', async (t) => {
  const html = renderProblemPage({
    title: 'T',
    status: 404,
    detail: 'D',
    code: 'c',
    requestId: 'r',
  })
  const hashes = contents(html, 'style').map((style) => `'sha256-${sha256Base64(style)}'`)
  t.same(sources(problemPageCsp, 'style-src'), hashes)
  t.same(sources(problemPageCsp, 'default-src'), ["'none'"])
  t.notMatch(problemPageCsp, /unsafe|script-src/)
})

t.test('the policy of the login page allows exactly its own script and styles', async (t) => {
  const { csp, render } = createLoginPage(options)
  const html = render('/todos')
  for (const [element, directive] of [
    ['script', 'script-src'],
    ['style', 'style-src'],
  ] as const) {
    const hashes = contents(html, element).map((text) => `'sha256-${sha256Base64(text)}'`)
    t.ok(hashes.length > 0)
    t.same(sources(csp, directive), hashes, directive)
  }
  t.notMatch(csp, /unsafe/)
  for (const directive of [
    "default-src 'none'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ])
    t.ok(csp.split('; ').includes(directive), directive)
})

t.test('the login page loads nothing and has no inline handlers or style attributes', async (t) => {
  const html = createLoginPage(options).render('/')
  t.notMatch(html, /\s(?:src|srcset)=/)
  t.notMatch(html, /\son[a-z]+=/)
  t.notMatch(html, /\sstyle=/)
  t.match(html, /<noscript>/)
})

t.test('the script of the login page is valid and cannot end its element early', async (t) => {
  const html = createLoginPage(options).render('/')
  const [script = ''] = contents(html, 'script')
  t.ok(new Script(script))
  t.notMatch(script, /<!--|<script/i)
  t.equal(html.match(/<\/script/gi)?.length, 1)
})

t.test('return_to is on the page as data', async (t) => {
  const { render } = createLoginPage(options)
  t.match(render('/a?b=1&c="2"'), 'data-return-to="/a?b=1&amp;c=&quot;2&quot;"')
  t.match(render(`/${hostile}`), 'data-return-to="/&quot;&gt;&lt;script&gt;')
  for (const value of [
    '//elsewhere.example',
    '/api/auth/sign-out',
    '/_gateway/login',
    undefined,
    null,
  ])
    t.match(render(value), 'data-return-to="/"')
})

t.test('the name of the application and of a provider are escaped', async (t) => {
  const html = createLoginPage({ ...options, appName: hostile, social: [hostile] }).render('/')
  t.equal(html.match(/<script>/g)?.length, 1)
})

t.test('only what is enabled is offered', async (t) => {
  const page = (more: Partial<LoginPageOptions>) =>
    createLoginPage({ ...options, ...more }).render('/')
  t.match(page({}), 'id="sign-up"')
  t.match(page({}), 'Continue with GitHub')
  t.match(page({}), 'Continue with Google')
  t.notMatch(page({ social: [] }), 'class="providers"')
  t.notMatch(page({ signUp: 'closed' }), 'id="sign-up"')
  t.notMatch(page({ signUp: 'closed' }), 'data-choose="sign-up"')
  t.match(page({ signUp: 'domains' }), 'address of your organisation')
  t.notMatch(page({ email: false }), 'type="password"')
  t.match(page({ email: false, social: [] }), 'No way to sign in')
  t.match(page({ minPasswordLength: 12 }), 'At least 12 characters')
})

t.test('every field has a label and says what belongs into it', async (t) => {
  const html = createLoginPage(options).render('/')
  const inputs = [...html.matchAll(/<input[^>]*>/g)].map((match) => match[0])
  t.equal(inputs.length, 6)
  for (const input of inputs) {
    const id = /id="([^"]+)"/.exec(input)?.[1] ?? ''
    t.match(html, `<label for="${id}">`)
    if (!input.includes('checkbox')) t.match(input, /autocomplete="[a-z-]+"/)
  }
  for (const id of html.matchAll(/aria-describedby="([^"]+)"/g))
    for (const target of (id[1] ?? '').split(' ')) t.match(html, `id="${target}"`)
})
