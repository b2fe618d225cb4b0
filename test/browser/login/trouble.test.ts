import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { alertOf, fillSignIn, password, visit } from '../visit.ts'

const chromium = await launchChromium(t)

const answers = [
  {
    what: 'too many attempts, with a time',
    status: 429,
    headers: { 'Retry-After': '7' },
    body: { message: 'Too many requests. Please try again later.' },
    words: 'Too many attempts. Try again in 7 seconds.',
  },
  {
    what: 'too many attempts, without one',
    status: 429,
    headers: {},
    body: {},
    words: 'Too many attempts. Wait a moment, then try again.',
  },
  {
    what: 'a session store that is away',
    status: 503,
    headers: { 'Retry-After': '1' },
    body: { code: 'session_store_unavailable', detail: 'It cannot be known.' },
    words:
      'Signing in is not possible at the moment, through no fault of yours. Try again shortly.',
  },
  {
    what: 'an answer that is no JSON',
    status: 502,
    headers: {},
    body: '<h1>Bad gateway</h1>',
    words:
      'Signing in is not possible at the moment, through no fault of yours. Try again shortly.',
  },
  {
    what: 'a refusal of the gateway',
    status: 403,
    headers: {},
    body: { code: 'origin_rejected', detail: 'A cookie may not decide this.' },
    words: 'A cookie may not decide this.',
  },
  {
    what: 'a message with markup in it',
    status: 400,
    headers: {},
    body: { code: 'SOMETHING', message: '<img src=x onerror=alert(1)>' },
    words: '<img src=x onerror=alert(1)>',
  },
  {
    what: 'a code named like a property of every object',
    status: 400,
    headers: {},
    body: { code: 'constructor' },
    words: 'That did not work (400). Try again.',
  },
]

if (chromium !== null) {
  t.test('every answer of the server is told in words, and the form stays usable', async (t) => {
    const { page, complaints } = await visit(t, chromium)
    for (const { what, status, headers, body, words } of answers) {
      await page.route('**/api/auth/sign-in/email', (route) =>
        route.fulfill({
          status,
          headers,
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      )
      await fillSignIn(page, 'ada@example.com', password)
      await page.locator('#sign-in').getByRole('button', { name: 'Sign in' }).click()
      await page.locator('main[aria-busy=false]').waitFor()
      t.equal(await alertOf(page), words, what)
      t.equal(await page.locator('#in-password').inputValue(), password, 'what was typed stays')
      await page.unroute('**/api/auth/sign-in/email')
    }
    t.same(complaints, [])
  })

  t.test('a network that fails is not called a wrong password', async (t) => {
    const { page } = await visit(t, chromium)
    await page.route('**/api/auth/sign-in/email', (route) => route.abort('connectionreset'))
    await fillSignIn(page, 'ada@example.com', password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    t.match(await alertOf(page), 'The server could not be reached.')
    t.equal(await page.locator('#in-password').getAttribute('aria-invalid'), null)
    t.equal(
      await page.evaluate('document.activeElement.textContent'),
      'Sign in',
      'the focus is kept',
    )
  })

  t.test('the button rests while an answer is awaited', async (t) => {
    const { page, requested } = await visit(t, chromium)
    let answer: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    await page.route('**/api/auth/sign-in/email', async (route) => {
      await held
      await route.continue()
    })
    await fillSignIn(page, 'ada@example.com', password)
    const button = page.getByRole('button', { name: 'Sign in' })
    await button.click()
    t.ok(await button.isDisabled())
    await page.locator('#in-password').press('Enter')
    answer()
    await alertOf(page)
    t.notOk(await button.isDisabled())
    t.equal(requested.filter((url) => url.endsWith('/sign-in/email')).length, 1)
  })

  t.test('an address of a domain that may not sign up is told so and can be changed', async (t) => {
    const { page, site } = await visit(t, chromium, '#sign-up', {
      signUp: '{ domains: [example.com] }',
    })
    const form = page.locator('#sign-up')
    await form.getByLabel('Name').fill('Ada')
    await form.getByLabel('E-mail').fill('ada@elsewhere.example')
    await form.getByLabel('Password', { exact: true }).fill(password)
    await form.getByLabel('Password', { exact: true }).press('Enter')
    t.match(await alertOf(page), 'cannot be created with an e-mail address of this domain')
    t.equal(await page.evaluate('document.activeElement.id'), 'up-email')
    await form.getByLabel('E-mail').fill('ada@example.com')
    await form.getByLabel('E-mail').press('Enter')
    await page.waitForURL(`${site.origin}/`)
  })

  t.test(
    'where sign-up is closed it is not offered, and coming back from a provider says why',
    async (t) => {
      const { page } = await visit(t, chromium, '?error=sign_up_closed', { signUp: 'closed' })
      t.equal(await alertOf(page), 'New accounts cannot be created here.')
      t.equal(await page.getByText('Create an account').count(), 0)
    },
  )

  t.test('a provider is visited with the way back to where one wanted to go', async (t) => {
    const { page, context, site, complaints } = await visit(
      t,
      chromium,
      '?return_to=/a(b)%2523?x=1',
    )
    await context.route('https://github.com/**', (route) => route.fulfill({ body: 'the provider' }))
    const asked = page.waitForRequest('**/api/auth/sign-in/social')
    await page.getByRole('button', { name: 'Continue with GitHub' }).click()
    const sent = (await asked).postDataJSON() as Record<string, unknown>
    t.same(sent, {
      provider: 'github',
      callbackURL: `${site.origin}/a(b)%23?x=1`,
      errorCallbackURL: `${site.origin}/_gateway/login?return_to=%2Fa%28b%29%2523%3Fx%3D1`,
    })
    await page.waitForURL('https://github.com/login/oauth/authorize?**')
    await page.goBack()
    await page.getByRole('button', { name: 'Continue with GitHub' }).click({ trial: true })
    t.same(complaints, [])
  })

  t.test('a provider that did not succeed is told in words of our own', async (t) => {
    const { page } = await visit(t, chromium, '?error=<b>signup_disabled</b>')
    t.match(await alertOf(page), 'Signing in with that provider did not succeed.')
  })

  t.test('a script that gets into the page does not run, be it of this origin', async (t) => {
    const { page, context, site, complaints } = await visit(t, chromium)
    await context.route('**/uploads/evil.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: 'window.ran = true' }),
    )
    await page.route('**/_gateway/login', async (route) => {
      const answer = await route.fetch()
      const scripts = '<script>window.ran = true</script><script src="/uploads/evil.js"></script>'
      const body = (await answer.text()).replace('</main>', `${scripts}</main>`)
      await route.fulfill({ response: answer, body })
    })
    await page.goto(`${site.origin}/_gateway/login`)
    t.equal(complaints.length, 2, 'one by its text, one by its address')
    for (const doing of [
      "script.textContent = 'window.ran = true'",
      "script.src = '/uploads/evil.js'",
      "document.querySelector('main').innerHTML = '<img src=x onerror=alert(1)>'",
      "globalThis.trustedTypes.createPolicy('own', {})",
    ]) {
      const code = `{ const script = document.createElement('script'); ${doing}; document.body.append(script) }`
      await t.rejects(page.evaluate(code), doing)
    }
    t.equal(await page.evaluate('window.ran'), undefined)
  })

  t.test('a refusal page shows in its style and breaks no policy of its own', async (t) => {
    const { page, site, complaints } = await visit(t, chromium)
    const answer = await page.goto(`${site.origin}/away`)
    t.equal(answer?.status(), 502)
    t.match(await page.textContent('dl'), 'upstream_unreachable')
    const radius = await page.evaluate(
      'getComputedStyle(document.querySelector(".card")).borderRadius',
    )
    t.equal(radius, '18px')
    t.same(complaints, [])
  })
}
