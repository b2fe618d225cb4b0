import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { sql } from '../../session/calls.ts'
import { alertOf, fillSignIn, moveElsewhere, password, signUp, visit } from '../visit.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  t.test('somebody new creates an account and arrives where they wanted to go', async (t) => {
    const { page, site, requested, complaints } = await visit(
      t,
      chromium,
      '?return_to=%2Ftodos%3Fpage%3D2',
    )
    await page.getByRole('link', { name: 'Create an account' }).click()
    t.equal(await page.locator('h1').textContent(), 'Create your account')
    const form = page.locator('#sign-up')
    await form.getByLabel('Name').fill('Ada')
    await form.getByLabel('E-mail').fill('ada@example.com')
    await form.getByLabel('Password', { exact: true }).fill(password)
    await form.getByRole('button', { name: 'Create account' }).click()
    await page.waitForURL(`${site.origin}/todos?page=2`)
    t.same(complaints, [])
    t.notOk(
      requested.some((url) => url.includes('ada') || url.includes('horse')),
      'nothing that was typed is in an address',
    )
    await page.goBack()
    t.notMatch(page.url(), '/_gateway/login', 'the form is not in the history')
  })

  t.test('a wrong password is told in words, and the right one then gets in', async (t) => {
    const person = await visit(t, chromium, '?return_to=/todos')
    const { page, context, site } = person
    await signUp(person, 'ada@example.com')
    await context.clearCookies()
    await page.reload()
    await fillSignIn(page, 'ada@example.com', 'not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    t.equal(await alertOf(page), 'The e-mail address or the password is not right.')
    t.equal(await page.evaluate('document.activeElement.id'), 'in-password')
    t.equal(await page.locator('#in-password').getAttribute('aria-invalid'), 'true')
    await fillSignIn(page, 'ada@example.com', password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${site.origin}/todos`)
    const cookies = await context.cookies()
    t.ok(
      cookies.some((cookie) => cookie.name === 'better-auth.session_token' && cookie.expires > 0),
    )
  })

  t.test(
    'who does not want to be remembered gets a cookie that ends with the browser',
    async (t) => {
      const person = await visit(t, chromium)
      const { page, context, site } = person
      await signUp(person, 'ada@example.com')
      await context.clearCookies()
      await fillSignIn(page, 'ada@example.com', password)
      await page.getByLabel('Keep me signed in').uncheck()
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${site.origin}/`)
      const cookies = await context.cookies()
      t.equal(cookies.find(({ name }) => name === 'better-auth.session_token')?.expires, -1)
    },
  )

  t.test('an address that is taken and a short password are told in words', async (t) => {
    const person = await visit(t, chromium, '#sign-up')
    const { page, context } = person
    await signUp(person, 'ada@example.com')
    await context.clearCookies()
    const form = page.locator('#sign-up')
    await form.getByLabel('Name').fill('Ada')
    await form.getByLabel('E-mail').fill('ada@example.com')
    await form.getByLabel('Password', { exact: true }).fill('short')
    await form.getByLabel('Password', { exact: true }).press('Enter')
    t.equal(await alertOf(page), 'That password is too short. Choose a longer one.')
    await form.getByLabel('Password', { exact: true }).fill(password)
    await form.getByLabel('Password', { exact: true }).press('Enter')
    await page.getByText('There is already an account').waitFor()
    t.equal(await page.evaluate('document.activeElement.id'), 'up-email')
  })

  t.test('a page that needs a session is shown after signing in on the way', async (t) => {
    const person = await visit(t, chromium)
    const { page, context, site } = person
    await signUp(person, 'ada@example.com')
    await context.clearCookies()
    await page.goto(`${site.origin}/todos?page=2`)
    t.equal(page.url(), `${site.origin}/_gateway/login?return_to=%2Ftodos%3Fpage%3D2`)
    await fillSignIn(page, 'ada@example.com', password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${site.origin}/todos?page=2`)
    t.equal(await page.textContent('body'), 'Arrived.')
  })

  t.test('a return_to that leads elsewhere ends on the start page', async (t) => {
    const person = await visit(t, chromium)
    const { page, context, site } = person
    await signUp(person, 'ada@example.com')
    for (const value of [
      'https://elsewhere.example/',
      '//elsewhere.example',
      '/\\elsewhere.example',
      '/.//elsewhere.example',
    ]) {
      await context.clearCookies()
      await moveElsewhere(context)
      await page.goto(`${site.origin}/_gateway/login?return_to=${encodeURIComponent(value)}`)
      await fillSignIn(page, 'ada@example.com', password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL((url) => url.pathname !== '/_gateway/login')
      t.equal(page.url(), `${site.origin}/`, value)
    }
  })

  t.test(
    'the page itself refuses a destination elsewhere, whatever the server wrote',
    async (t) => {
      const person = await visit(t, chromium)
      const { page, context, site } = person
      await signUp(person, 'ada@example.com')
      for (const value of [
        'https://elsewhere.example/',
        '//elsewhere.example',
        '/\\elsewhere.example',
        '/\t/elsewhere.example',
        'javascript:alert(1)',
      ]) {
        await context.clearCookies()
        await moveElsewhere(context)
        await page.goto(`${site.origin}/_gateway/login`)
        await page.evaluate(
          `document.querySelector('main').dataset.returnTo = ${JSON.stringify(value)}`,
        )
        await fillSignIn(page, 'ada@example.com', password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.waitForURL((url) => url.pathname !== '/_gateway/login')
        t.equal(page.url(), `${site.origin}/`, value)
      }
    },
  )

  t.test('the keyboard alone is enough', async (t) => {
    const person = await visit(t, chromium, '?return_to=/todos')
    const { page, context, site } = person
    await signUp(person, 'ada@example.com')
    await context.clearCookies()
    await page.reload()
    t.equal(await page.evaluate('document.activeElement.id'), 'in-email', 'where one starts')
    const { keyboard } = page
    await keyboard.type('ada@example.com')
    const stops: unknown[] = []
    for (let stop = 0; stop < 5; stop += 1) {
      await keyboard.press('Tab')
      stops.push(
        await page.evaluate('document.activeElement.id || document.activeElement.textContent'),
      )
      if (stop === 0) await keyboard.type(password)
    }
    t.same(stops, ['in-password', 'Show', 'in-remember', 'Sign in', 'Continue with GitHub'])
    await keyboard.press('Shift+Tab')
    await keyboard.press('Enter')
    await page.waitForURL(`${site.origin}/todos`)
  })

  t.test('what was typed can be shown and is hidden again', async (t) => {
    const { page } = await visit(t, chromium)
    await page.locator('#in-password').fill(password)
    const reveal = page.locator('[data-reveal=in-password]')
    await reveal.click()
    t.equal(await page.locator('#in-password').getAttribute('type'), 'text')
    t.equal(await reveal.getAttribute('aria-pressed'), 'true')
    await reveal.click()
    t.equal(await page.locator('#in-password').getAttribute('type'), 'password')
  })

  t.test('who is signed in goes on at once, unless asked to sign in anew', async (t) => {
    const person = await visit(t, chromium)
    const { page, site, requested } = person
    await signUp(person, 'ada@example.com')
    await page.goto(`${site.origin}/_gateway/login?return_to=/todos`)
    await page.waitForURL(`${site.origin}/todos`)
    await page.goto(`${site.origin}/_gateway/login?return_to=/todos&reauth=1`)
    await page.waitForLoadState('networkidle')
    t.match(page.url(), 'reauth=1')
    t.equal(requested.filter((path) => path === '/todos').length, 1)
  })

  t.test('who signed in too long ago is asked to sign in again, and then arrives', async (t) => {
    const person = await visit(t, chromium)
    const { page, site, requested, complaints } = person
    await signUp(person, 'ada@example.com')
    const old = new Date(Date.now() - 3_600_000).toISOString()
    sql(site, 'UPDATE session SET createdAt = ?', old)
    await page.goto(`${site.origin}/vault`)
    t.equal(page.url(), `${site.origin}/_gateway/login?reauth=1&return_to=%2Fvault`)
    t.equal(await alertOf(page), 'Sign in again to go on.')
    t.equal(await page.locator('#in-email').inputValue(), 'ada@example.com')
    t.equal(await page.evaluate('document.activeElement.id'), 'in-password')
    t.equal(
      requested.filter((path) => path === '/vault').length,
      1,
      'nobody goes round in a circle',
    )
    await page.locator('#in-password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${site.origin}/vault`)
    t.same(complaints, [])
  })

  t.test('a destination that sends people back makes no loop', async (t) => {
    const person = await visit(t, chromium)
    const { page, site } = person
    await signUp(person, 'ada@example.com')
    await page.goto(`${site.origin}/_gateway/login?return_to=/todos`)
    await page.waitForURL(`${site.origin}/todos`)
    await page.goto(`${site.origin}/_gateway/login?return_to=/todos`)
    t.match(await alertOf(page), 'You are signed in already.')
    await page.getByRole('link', { name: 'Continue' }).click()
    await page.waitForURL(`${site.origin}/todos`)
  })
}
