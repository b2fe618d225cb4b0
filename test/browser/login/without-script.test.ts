import t from 'tap'
import { totpOf } from '../../gateway/login/forms.ts'
import { someAddress } from '../../helper/gateway.ts'
import { launchChromium } from '../../helper/chromium.ts'
import { mailModule, mailsIn } from '../../pages/mail.ts'
import { moveElsewhere, password, signUp, visit } from '../visit.ts'

const chromium = await launchChromium(t)
const withoutScript = { javaScriptEnabled: false }
const message = '#message'

if (chromium !== null) {
  t.test(
    'people sign in without JavaScript, with the words of the page where it fails',
    async (t) => {
      const query = '?return_to=%2Ftodos%3Fpage%3D2'
      const person = await visit(t, chromium, query, {}, withoutScript)
      const { page, context, site, requested } = person
      await signUp(person, 'ada@example.com')
      await context.clearCookies()
      await page.locator('#in-email').fill('ada@example.com')
      await page.locator('#in-password').fill('not the password')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.locator(`${message}:not(:empty)`).waitFor()
      t.equal(
        await page.locator(message).textContent(),
        'The e-mail address or the password is not right.',
      )
      t.equal(await page.title(), 'Error: Sign in')
      t.equal(await page.locator('#in-email').inputValue(), 'ada@example.com')
      t.equal(await page.locator('#in-password').inputValue(), '')
      t.equal(await page.locator(':focus').getAttribute('id'), 'in-password')
      await page.locator('#in-password').fill(password)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${site.origin}/todos?page=2`)
      t.notOk(requested.some((url) => url.includes('horse') || url.includes('ada')))
      t.notOk(
        requested.some((url) => url.endsWith('.js')),
        'nothing was run',
      )
    },
  )

  t.test('what needs JavaScript is not shown without it, but said', async (t) => {
    const { page } = await visit(t, chromium, '', {}, withoutScript)
    t.notOk(await page.getByText('Continue with GitHub').isVisible())
    t.notOk(await page.getByText('Show').first().isVisible())
    const said = page.locator('noscript p')
    t.ok(await said.isVisible())
    t.equal(await said.textContent(), 'To continue with GitHub, this page needs JavaScript.')
    await page.getByRole('link', { name: 'Create an account' }).click()
    t.equal(await page.getByRole('heading').textContent(), 'Create your account')
  })

  t.test('an account is made, a code is asked for, and a password replaced', async (t) => {
    const module = mailModule({ twoFactor: '{ otpOptions: { sendOTP } }' })
    const query = '?view=sign-up&return_to=/todos'
    const { page, context, site } = await visit(t, chromium, query, { module }, withoutScript)
    await page.getByLabel('Name').fill('Ada')
    await page.locator('#up-email').fill('ada@example.com')
    await page.locator('#up-password').fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.waitForURL(`${site.origin}/todos`)
    const ask = async (path: string, data: object): Promise<Record<string, unknown>> => {
      const headers = { origin: site.origin, 'x-forwarded-for': someAddress() }
      const answer = await context.request.post(`${site.origin}/api/auth/${path}`, {
        data,
        headers,
      })
      return (await answer.json()) as Record<string, unknown>
    }
    const uri = String((await ask('two-factor/enable', { password }))['totpURI'])
    await ask('two-factor/verify-totp', { code: totpOf(uri) })
    await context.clearCookies()
    await page.goto(`${site.origin}/_gateway/login?return_to=/todos`)
    await page.getByRole('link', { name: 'Forgot password?' }).click()
    await page.locator('#forgot-email').fill('ada@example.com')
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByText('If an account has this address').waitFor()
    await page.goto(mailsIn(site).at(-1)?.text ?? '')
    await page.locator('#reset-password').fill('another password')
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByText('Your password has been changed.').waitFor()
    await moveElsewhere(context)
    await page.locator('#in-email').fill('ada@example.com')
    await page.locator('#in-password').fill('another password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText('We have sent you a code.').waitFor()
    await page.getByRole('textbox', { name: 'Code' }).fill(mailsIn(site).at(-1)?.text ?? '')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${site.origin}/todos`)
  })

  t.test('where the modules cannot be had the page works all the same', async (t) => {
    const person = await visit(t, chromium, '?return_to=/todos')
    const { page, context, site } = person
    await signUp(person, 'ada@example.com')
    await context.clearCookies()
    await page.route('**/_gateway/pages/**', (route) => route.fulfill({ status: 404 }))
    await page.reload()
    await page.locator('#in-email').fill('ada@example.com')
    await page.locator('#in-password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${site.origin}/todos`)
  })
}
