import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { startBackend } from '../../helper/backend.ts'
import { startPages } from '../recipes/site.ts'
import { name, newcomer, password, visitor, type Visitor } from '../recipes/visitor.ts'
import { clientPage, reactPage, run, signIn, stateOf } from './pages.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  const site = await startPages(t, { auth: clientPage, react: reactPage })

  t.test('somebody signs up, is known, signs out and in again', async (t) => {
    const { open, email, complaints, context } = await newcomer(t, chromium, site)
    const page = await open('/auth')
    t.equal(await stateOf(page, 'nobody'), 'nobody')
    const user = JSON.stringify({ name, email, password })
    t.match(await run(page, `auth.signUp.email(${user})`), {
      data: { user: { email, name } },
      error: null,
    })
    t.equal(await stateOf(page, name), name)
    t.match(await run(page, 'auth.getSession()'), { data: { user: { email } }, error: null })
    const [cookie] = (await context.cookies()).filter((each) => /session_token/.test(each.name))
    t.match(cookie, { httpOnly: true, sameSite: 'Lax', path: '/' })
    t.match(await run(page, "fetch('/api/me').then((answer) => answer.json())"), {
      headers: { 'x-user-id': String },
    })

    t.match(await run(page, 'auth.signOut()'), { data: { success: true }, error: null })
    t.equal(await stateOf(page, 'nobody'), 'nobody')
    t.strictSame(await run(page, 'auth.getSession()'), { data: null, error: null })
    t.equal(await run(page, "fetch('/api/me').then((answer) => answer.status)"), 401)

    t.match(await signIn(page, email, password), { data: { user: { email } }, error: null })
    t.equal(await stateOf(page, name), name)
    t.strictSame(complaints, [])
  })

  t.test('a wrong password and a taken address are errors in its own shape', async (t) => {
    const { open, email } = await visitor(t, chromium, site)
    const page = await open('/auth')
    t.match(await signIn(page, email, 'not the password'), {
      data: null,
      error: {
        status: 401,
        code: 'INVALID_EMAIL_OR_PASSWORD',
        message: 'Invalid email or password',
      },
    })
    t.equal(page.url(), `${site.origin}/auth`)
    const user = JSON.stringify({ name, email, password })
    t.match(await run(page, `auth.signUp.email(${user})`), {
      data: null,
      error: { status: 422, code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' },
    })
  })

  t.test('signing out in one tab reaches its other tabs', async (t) => {
    const { open } = await visitor(t, chromium, site)
    const [here, there] = [await open('/auth'), await open('/auth')]
    await stateOf(there, name)
    await run(here, 'auth.signOut()')
    t.equal(await stateOf(there, 'nobody'), 'nobody')
  })

  t.test('sessions are listed, and each or all others are revoked at once', async (t) => {
    const { open, email } = await visitor(t, chromium, site)
    const here = await open('/auth')
    const devices = []
    for (let count = 0; count < 3; count += 1) {
      const device = await (await newcomer(t, chromium, site)).open('/auth')
      await signIn(device, email, password)
      devices.push(device)
    }
    const status = "fetch('/api/me').then((answer) => answer.status)"
    const tokens = 'auth.listSessions().then(({ data }) => data.map(({ token }) => token))'
    t.equal(((await run(here, tokens)) as unknown[]).length, 4)
    const first = await run(devices[0]!, 'auth.getSession().then(({ data }) => data.session.token)')
    const revoke = `auth.revokeSession(${JSON.stringify({ token: first })})`
    t.strictSame(await run(here, revoke), { data: { status: true }, error: null })
    t.strictSame(await Promise.all(devices.map((each) => run(each, status))), [401, 200, 200])
    t.strictSame(await run(devices[0]!, 'auth.getSession()'), { data: null, error: null })
    t.strictSame(await run(here, 'auth.revokeOtherSessions()'), {
      data: { status: true },
      error: null,
    })
    t.strictSame(await Promise.all(devices.map((each) => run(each, status))), [401, 401, 401])
    t.equal(await run(here, status), 200)
    t.equal(((await run(here, tokens)) as unknown[]).length, 1)
  })

  t.test('a password is changed, and other devices are signed out', async (t) => {
    const { open, email } = await visitor(t, chromium, site)
    const here = await open('/auth')
    const device = await (await newcomer(t, chromium, site)).open('/auth')
    await signIn(device, email, password)
    const change = (currentPassword: string): string =>
      `auth.changePassword(${JSON.stringify({ currentPassword, newPassword: `${password}!`, revokeOtherSessions: true })})`
    t.match(await run(here, change('not the password')), {
      data: null,
      error: { status: 400, code: 'INVALID_PASSWORD' },
    })
    t.match(await run(here, change(password)), { data: { user: { email } }, error: null })
    const status = "fetch('/api/me').then((answer) => answer.status)"
    t.strictSame([await run(here, status), await run(device, status)], [200, 401])
    t.match(await signIn(device, email, password), { error: { status: 401 } })
    t.match(await signIn(device, email, `${password}!`), { error: null })
  })

  t.test('another name is seen by its store, and by the gateway', async (t) => {
    const { open } = await visitor(t, chromium, site)
    const page = await open('/auth')
    await stateOf(page, name)
    t.match(await run(page, "auth.updateUser({ name: 'Grace Hopper' })"), {
      data: { status: true },
      error: null,
    })
    t.equal(await stateOf(page, 'Grace Hopper'), 'Grace Hopper')
    const view = "fetch('/_gateway/session').then((answer) => answer.json())"
    t.match(await run(page, view), { user: { name: 'Grace Hopper' } })
  })

  t.test('who guesses too often is told so in its shape, with the time to wait', async (t) => {
    const { open, email } = await newcomer(t, chromium, site)
    const page = await open('/auth')
    for (let count = 0; count < 3; count += 1) {
      t.match(await signIn(page, email, 'a guess or two'), { error: { status: 401 } })
    }
    const waited = page.waitForResponse((answer) => answer.status() === 429)
    t.match(await signIn(page, email, 'a guess or two'), { data: null, error: { status: 429 } })
    t.match((await waited).headers(), { 'x-retry-after': /^\d+$/ })
  })

  t.test('a page of another origin signs nobody out', async (t) => {
    // Another port is another origin but the same site: the cookie goes along.
    const elsewhere = await startBackend(t, (_request, response) => response.end('Elsewhere'))
    const signOutFromThere = async ({ context }: Visitor): Promise<number> => {
      const page = await context.newPage()
      await page.goto(elsewhere.url)
      const answer = page.waitForResponse((each) => each.url().includes('/sign-out'))
      const init = "{ method: 'POST', mode: 'no-cors', credentials: 'include' }"
      await page.evaluate(`fetch('${site.origin}/api/auth/sign-out', ${init})`)
      return (await answer).status()
    }
    const ada = await visitor(t, chromium, site)
    t.equal(await signOutFromThere(ada), 403)
    t.match(await run(await ada.open('/auth'), 'auth.getSession()'), { data: { user: { name } } })
    const nobody = await newcomer(t, chromium, site)
    t.equal(await signOutFromThere(nobody), 200, 'it was refused for the cookie that went along')
  })

  t.test("React's useSession follows", async (t) => {
    const { open, email, complaints } = await visitor(t, chromium, site)
    const page = await open('/react')
    await page.getByText(`Signed in: ${email}`).waitFor()
    await run(page, 'auth.signOut()')
    await page.getByText('Signed out').waitFor()
    t.strictSame(complaints, [])
  })
}
