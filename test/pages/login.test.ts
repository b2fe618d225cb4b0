import { createHash } from 'node:crypto'
import t from 'tap'
import type { Brand } from '../../src/pages/brand.ts'
import type { Offers } from '../../src/pages/login/offers.ts'
import { createLoginPage } from '../../src/pages/login/page.ts'
import { stateOf, type PageState } from '../../src/pages/login/state.ts'

const sha256Base64 = (text: string) => createHash('sha256').update(text).digest('base64')
const hostile = `"><script>alert('1')</script>&amp;`

const everything: Offers = {
  email: true,
  signUp: 'open',
  minPasswordLength: 8,
  resets: true,
  confirms: true,
  providers: [
    { id: 'github', name: 'GitHub' },
    { id: 'google', name: 'Google' },
  ],
  secondFactor: { totp: true, otp: true, backup: true, trustDays: 30 },
}

interface Shown {
  readonly offers?: Partial<Offers>
  readonly brand?: Brand
  readonly query?: Readonly<Record<string, string>>
  readonly state?: Partial<PageState>
}

function pageOf({ offers, brand = { name: null, logo: null } }: Shown) {
  return createLoginPage({
    path: '/_gateway/login',
    authPath: '/api/auth',
    script: '/_gateway/pages/v/main.js',
    offers: { ...everything, ...offers },
    brand,
    sha256Base64,
  })
}

function render(shown: Shown = {}): string {
  const page = pageOf(shown)
  const state = { ...stateOf(shown.query ?? {}, page.offers, page.excluded), ...shown.state }
  return page.render(state, 'abc+/=')
}

const token = 'abcdefghijklmnopqrstuvwx'
const reset = { query: { view: 'reset', token } }

t.test(
  'the policy allows the styles of the page, one module by its nonce, and no more',
  async (t) => {
    const csp = pageOf({}).csp('abc+/=').split('; ')
    const styles = [...render().matchAll(/<style>(.*?)<\/style>/gs)].map((match) => match[1] ?? '')
    t.equal(styles.length, 2)
    t.ok(
      csp.includes(`style-src ${styles.map((each) => `'sha256-${sha256Base64(each)}'`).join(' ')}`),
    )
    for (const directive of [
      "default-src 'none'",
      "script-src 'nonce-abc+/='",
      'img-src data:',
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ])
      t.ok(csp.includes(directive), directive)
    t.equal(csp.length, 10)
    t.notMatch(csp.join(), /unsafe|strict-dynamic/)
  },
)

t.test(
  'the page has one script, which is not in it, and no handlers or styles of elements',
  async (t) => {
    for (const html of [render(), render(reset)]) {
      const scripts = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)
      t.same(scripts, ['<script type="module" src="/_gateway/pages/v/main.js" nonce="abc+/=">'])
      t.match(html, 'nonce="abc+/="></script>')
      t.notMatch(html, /\son[a-z]+=/)
      t.notMatch(html, /\sstyle=/)
      t.notMatch(html, /\shref="(?!\/|data:image)/)
    }
  },
)

t.test('where people go from here is on the page as data, and only a safe path', async (t) => {
  const shownFor = (value: string) => render({ query: { return_to: value } })
  t.match(shownFor('/a?b=1&c="2"'), 'data-return-to="/a?b=1&amp;c=&quot;2&quot;"')
  t.match(shownFor('/a?b=1&c="2"'), 'action="/_gateway/login?return_to=%2Fa%3Fb%3D1%26c%3D%222%22"')
  t.match(shownFor(`/${hostile}`), 'data-return-to="/&quot;&gt;&lt;script&gt;')
  for (const value of ['//elsewhere.example', '/api/auth/sign-out', '/_gateway/login'])
    t.match(shownFor(value), 'data-return-to="/"', value)
})

t.test('whatever comes from outside is escaped', async (t) => {
  const html = render({
    brand: { name: hostile, logo: hostile },
    offers: { providers: [{ id: hostile, name: hostile }] },
    query: { return_to: `/${hostile}`, view: hostile, error: hostile, token: hostile },
    state: {
      text: hostile,
      typed: { email: hostile, name: hostile, remember: true },
    },
  })
  t.equal(html.match(/<script/g)?.length, 1)
  t.notMatch(html, /alert\('1'\)/)
  t.match(html, 'data-provider="&quot;&gt;')
  t.match(html, 'value="&quot;&gt;')
  t.match(render({ query: { view: 'reset', token: hostile } }), 'data-view="forgot"')
})

t.test('only what is offered is on the page', async (t) => {
  const whole = render()
  for (const view of ['sign-in', 'sign-up', 'forgot', 'verify', 'totp', 'otp', 'backup'])
    t.match(whole, `<section data-view="${view}"`, view)
  t.notMatch(whole, '<section data-view="reset"', 'not without the token of a link')
  t.match(render(reset), `<input type="hidden" name="token" value="${token}">`)
  const cases: readonly (readonly [Partial<Offers>, RegExp | string])[] = [
    [{ providers: [] }, 'data-provider'],
    [{ signUp: 'closed' }, 'data-view="sign-up"'],
    [{ signUp: 'closed' }, 'Create an account'],
    [{ email: false }, 'type="password"'],
    [{ resets: false }, 'Forgot'],
    [{ confirms: false }, 'data-view="verify"'],
    [{ secondFactor: null }, 'one-time-code'],
    [
      { secondFactor: { totp: false, otp: true, backup: false, trustDays: 1 } },
      'data-view="backup"',
    ],
    [{ secondFactor: { totp: true, otp: false, backup: true, trustDays: 1 } }, 'send-code'],
    [{ minPasswordLength: null }, 'At least'],
  ]
  for (const [offers, absent] of cases) t.notMatch(render({ offers }), absent, String(absent))
  t.match(render({ offers: { signUp: 'domains' } }), 'address of your organisation')
  t.match(render({ offers: { minPasswordLength: 12 } }), 'At least 12 characters')
  t.match(render({ offers: { email: false, providers: [] } }), 'No way to sign in')
})

t.test('one view is shown, and the heading and the title say which', async (t) => {
  const html = render({ query: { view: 'sign-up' }, brand: { name: 'Acme', logo: null } })
  t.match(html, '<h1 id="heading">Create your Acme account</h1>')
  t.match(html, '<title>Create your Acme account</title>')
  const shown = [...html.matchAll(/<section data-view="([a-z-]+)"[^>]*?( hidden)?>/g)]
  t.same(
    shown.filter(([, , hidden]) => hidden === undefined).map(([, view]) => view),
    ['sign-up'],
  )
  t.match(
    render({ query: { view: 'forgot' }, brand: { name: 'Acme', logo: null } }),
    ' · Acme</title>',
  )
  t.match(render({ query: { error: 'x' } }), '<title>Error: Sign in</title>')
})

t.test('every field has a label, an autofill name, and descriptions that are there', async (t) => {
  for (const html of [render(), render(reset)]) {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id ?? '')
    t.equal(new Set(ids).size, ids.length, 'no id is there twice')
    const inputs = [...html.matchAll(/<input[^>]*>/g)].map(([tag]) => tag)
    const shown = inputs.filter((input) => !input.includes('type="hidden"'))
    t.ok(shown.length > 10)
    for (const input of shown) {
      const id = /id="([^"]+)"/.exec(input)?.[1] ?? ''
      t.match(html, `<label for="${id}">`)
      if (!input.includes('checkbox')) t.match(input, /autocomplete="[a-z-]+"/)
    }
    for (const [, described = ''] of html.matchAll(/aria-(?:describedby|labelledby)="([^"]+)"/g))
      for (const id of described.split(' ')) t.ok(ids.includes(id), id)
    t.equal(html.match(/ autofocus/g)?.length, 1, 'one field has the focus')
  }
})

t.test(
  'what has to change is marked and focused, and what was typed is kept but a password',
  async (t) => {
    const html = render({
      state: {
        text: 'No.',
        tone: 'error',
        wrong: 'password',
        typed: { email: 'ada@example.com', name: '', remember: false },
      },
    })
    const input = (id: string) => new RegExp(`<input[^>]*id="${id}"[^>]*>`).exec(html)?.[0] ?? ''
    t.match(input('in-password'), 'aria-invalid="true" autofocus')
    t.notMatch(input('in-password'), 'value=')
    t.match(input('in-email'), 'value="ada@example.com"')
    t.notMatch(input('in-email'), 'autofocus')
    t.notMatch(input('in-remember'), 'checked')
    t.notMatch(input('up-password'), 'aria-invalid', 'only in the form that is shown')
  },
)
