import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { mailModule, mailsIn } from '../../pages/mail.ts'
import { alertOf, fillSignIn, moveElsewhere, password, signUp, visit } from '../visit.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  t.test('a forgotten password is replaced by following the link of a message', async (t) => {
    const person = await visit(t, chromium, '?return_to=/todos', { module: mailModule() })
    const { page, context, site, requested, complaints } = person
    await signUp(person, 'ada@example.com')
    await context.clearCookies()
    await page.locator('#in-email').fill('ada@example.com')
    await page.getByRole('link', { name: 'Forgot password?' }).click()
    t.equal(await page.getByRole('heading').textContent(), 'Forgot your password?')
    t.equal(await page.locator('#forgot-email').inputValue(), 'ada@example.com', 'it is kept')
    await page.getByRole('button', { name: 'Send the link' }).click()
    t.match(await alertOf(page), 'If an account has this address')
    await page.goto(mailsIn(site).at(-1)?.text ?? '')
    await page.getByRole('heading', { name: 'Choose another password' }).waitFor()
    t.notMatch(page.url(), 'token', 'it is in no history, and in no address that others see')
    t.match(page.url(), 'return_to=%2Ftodos')
    t.equal(await page.evaluate('document.activeElement.id'), 'reset-password')
    await page.getByLabel('New password').fill('short')
    await page.keyboard.press('Enter')
    t.match(await alertOf(page), 'That password is too short.')
    await page.getByLabel('New password').fill('another password')
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByText('Your password has been changed.').waitFor()
    t.equal(await page.evaluate('document.activeElement.id'), 'in-email')
    await fillSignIn(page, 'ada@example.com', 'another password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${site.origin}/todos`)
    t.notOk(requested.some((url) => url.includes('another')))
    t.same(complaints, [])
  })

  t.test('a link that was used already leads to asking for another', async (t) => {
    const person = await visit(t, chromium, '?view=forgot', { module: mailModule() })
    const { page, context, site } = person
    await signUp(person, 'ada@example.com')
    await context.clearCookies()
    await page.getByRole('textbox', { name: 'E-mail' }).fill('ada@example.com')
    await page.keyboard.press('Enter')
    await alertOf(page)
    const link = mailsIn(site).at(-1)?.text ?? ''
    await page.goto(link)
    const second = await context.newPage()
    await second.goto(link)
    for (const each of [page, second]) {
      await each.getByLabel('New password').fill('another password')
      await each.getByRole('button', { name: 'Change the password' }).click()
      await each.locator('#message:not(:empty)').waitFor()
    }
    t.match(await alertOf(second), 'That link has expired, or has been used already.')
    t.equal(await second.getByRole('heading').textContent(), 'Forgot your password?')
    await page.goto(link)
    t.match(await alertOf(page), 'That link has expired, or has been used already.')
    await page.reload()
    t.match(await alertOf(page), 'Open the link in the message again', 'nothing is repeated')
  })

  t.test(
    'an address is confirmed before the first sign-in, with a second message if need be',
    async (t) => {
      const module = mailModule({ mustConfirm: true })
      const person = await visit(t, chromium, '?view=sign-up&return_to=/todos', { module })
      const { page, context, site } = person
      await page.getByLabel('Name').fill('Ada')
      await page.locator('#up-email').fill('ada@example.com')
      await page.locator('#up-password').fill(password)
      await page.getByRole('button', { name: 'Create account' }).click()
      t.match(await alertOf(page), 'Almost there: open the link in the message')
      await page.getByRole('link', { name: 'Back to signing in' }).click()
      await fillSignIn(page, 'ada@example.com', password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Confirm your e-mail address' }).waitFor()
      t.match(await alertOf(page), 'Confirm your e-mail address first')
      t.equal(await page.locator('#verify-email').inputValue(), 'ada@example.com')
      await moveElsewhere(context)
      await page.getByRole('button', { name: 'Send the message again' }).click()
      await page.getByText('a message is on its way').waitFor()
      t.equal(mailsIn(site).length, 2)
      await page.goto(mailsIn(site).at(-1)?.text ?? '')
      t.match(await alertOf(page), 'Your e-mail address is confirmed.')
      await fillSignIn(page, 'ada@example.com', password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${site.origin}/todos`)
    },
  )
}
