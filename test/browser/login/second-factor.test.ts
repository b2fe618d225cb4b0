import type { Browser } from 'playwright-core'
import t, { type Test } from 'tap'
import { totpOf } from '../../gateway/login/forms.ts'
import { someAddress } from '../../helper/gateway.ts'
import { launchChromium } from '../../helper/chromium.ts'
import { mailModule, mailsIn } from '../../pages/mail.ts'
import { alertOf, fillSignIn, password, signUp, visit, type Visit } from '../visit.ts'

const chromium = await launchChromium(t)

interface Enrolled extends Visit {
  readonly uri: string
  readonly backupCodes: readonly string[]
}

/** Ada, with a second factor, signed out, on the login page. */
async function enroll(
  t: Test,
  browser: Browser,
  method: 'totp' | 'otp' = 'totp',
): Promise<Enrolled> {
  const module = mailModule({ twoFactor: '{ otpOptions: { sendOTP } }' })
  const person = await visit(t, browser, '', { module })
  const { page, context, site } = person
  await signUp(person, 'ada@example.com')
  const ask = async (path: string, data: object): Promise<Record<string, unknown>> => {
    const headers = { origin: site.origin, 'x-forwarded-for': someAddress() }
    const url = `${site.origin}/api/auth/two-factor/${path}`
    const answer = await context.request.post(url, { data, headers })
    if (!answer.ok()) throw new Error(await answer.text())
    return (await answer.json()) as Record<string, unknown>
  }
  const enabled = await ask('enable', { password, method })
  const uri = String(enabled['totpURI'])
  if (method === 'totp') await ask('verify-totp', { code: totpOf(uri) })
  await context.clearCookies()
  await page.goto(`${site.origin}/_gateway/login?return_to=/todos`)
  return { ...person, uri, backupCodes: (enabled['backupCodes'] ?? []) as string[] }
}

async function signIn({ page }: Visit): Promise<void> {
  await fillSignIn(page, 'ada@example.com', password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

if (chromium !== null) {
  t.test('the code of an authenticator app is asked for after the password', async (t) => {
    const person = await enroll(t, chromium)
    const { page, site, uri, complaints } = person
    await signIn(person)
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    t.equal(await page.title(), 'Enter your code')
    t.equal(await page.evaluate('document.activeElement.id'), 'totp-code')
    await page.keyboard.type('000 000')
    await page.keyboard.press('Enter')
    t.match(await alertOf(page), 'That code is not right.')
    t.equal(await page.evaluate('document.activeElement.id'), 'totp-code', 'it can be changed')
    await page.getByRole('textbox', { name: 'Code' }).fill(totpOf(uri))
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${site.origin}/todos`)
    t.same(complaints, [])
  })

  t.test('a device that is trusted is asked for the password alone', async (t) => {
    const person = await enroll(t, chromium)
    const { page, context, site, uri } = person
    await signIn(person)
    await page.getByRole('textbox', { name: 'Code' }).fill(totpOf(uri))
    await page.getByRole('checkbox', { name: 'Trust this device for 30 days' }).check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${site.origin}/todos`)
    await context.clearCookies({ name: 'better-auth.session_token' })
    await page.goto(`${site.origin}/_gateway/login?return_to=/vault`)
    await signIn(person)
    await page.waitForURL(`${site.origin}/vault`)
  })

  t.test('whoever has the app not at hand takes a backup code, or has one sent', async (t) => {
    const person = await enroll(t, chromium)
    const { page, site, backupCodes } = person
    await signIn(person)
    await page.getByRole('button', { name: 'Send me a code' }).click()
    t.match(await alertOf(page), 'We have sent you a code.')
    t.equal(await page.evaluate('document.activeElement.id'), 'otp-code')
    t.match(mailsIn(site).at(-1), { kind: 'code', to: 'ada@example.com' })
    await page.getByRole('link', { name: 'Use a backup code' }).click()
    await page.getByRole('heading', { name: 'Use a backup code' }).waitFor()
    t.match(page.url(), 'view=backup')
    await page.reload()
    await page.getByRole('textbox', { name: 'Backup code' }).fill(backupCodes[0] ?? '')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${site.origin}/todos`)
  })

  t.test('an account that has codes sent gets one without asking', async (t) => {
    const person = await enroll(t, chromium, 'otp')
    const { page, site } = person
    await signIn(person)
    t.match(await alertOf(page), 'We have sent you a code.')
    t.equal(await page.getByRole('link', { name: 'authenticator app' }).count(), 0)
    t.equal(await page.getByRole('link', { name: 'backup code' }).count(), 0)
    const code = mailsIn(site).at(-1)?.text ?? ''
    await page.getByRole('textbox', { name: 'Code' }).fill(code)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${site.origin}/todos`)
  })

  t.test(
    'too many wrong codes, and a sign-in that took too long, lead back to the password',
    async (t) => {
      const person = await enroll(t, chromium)
      const { page, context, site } = person
      await signIn(person)
      await page.getByRole('textbox', { name: 'Code' }).waitFor()
      for (const [code, words, view] of [
        ['TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE', 'Too many wrong codes. Sign in again.', 'Sign in'],
        ['ACCOUNT_TEMPORARILY_LOCKED', 'takes none for a while', 'Enter your code'],
      ] as const) {
        await page.goto(`${site.origin}/_gateway/login?view=totp`)
        await page.route('**/two-factor/verify-totp', (route) =>
          route.fulfill({ status: 400, json: { code } }),
        )
        await page.getByRole('textbox', { name: 'Code' }).fill('000000')
        await page.getByRole('button', { name: 'Continue' }).click()
        t.match(await alertOf(page), words)
        t.equal(await page.getByRole('heading').textContent(), view)
        await page.unroute('**/two-factor/verify-totp')
      }
      await context.clearCookies()
      await page.goto(`${site.origin}/_gateway/login?view=totp`)
      await page.getByRole('textbox', { name: 'Code' }).fill('000000')
      await page.getByRole('button', { name: 'Continue' }).click()
      t.match(await alertOf(page), 'That took too long. Sign in again.')
      t.equal(await page.evaluate('document.activeElement.id'), 'in-email')
    },
  )
}
