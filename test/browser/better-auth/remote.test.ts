import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { startPages } from '../recipes/site.ts'
import { name, newcomer, password, visitor } from '../recipes/visitor.ts'
import { startAuthServer } from '../../session/remote/server.ts'
import { clientPage, run, signIn, stateOf } from './pages.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  const auth = async (publicUrl: string): Promise<string> => {
    const { url } = await startAuthServer(t, { publicUrl })
    return `mode: remote, url: "${url}"`
  }
  const site = await startPages(t, { auth: clientPage }, { auth })
  const status = "fetch('/api/me').then((answer) => answer.status)"

  t.test('its client works as well where Better Auth runs elsewhere', async (t) => {
    const { open, email, complaints } = await newcomer(t, chromium, site)
    const page = await open('/auth')
    const user = JSON.stringify({ name, email, password })
    t.match(await run(page, `auth.signUp.email(${user})`), {
      data: { user: { email } },
      error: null,
    })
    t.equal(await stateOf(page, name), name)
    t.equal(await run(page, status), 200)
    t.match(await run(page, "auth.updateUser({ name: 'Grace Hopper' })"), {
      data: { status: true },
    })
    t.equal(await stateOf(page, 'Grace Hopper'), 'Grace Hopper')
    t.match(await run(page, 'auth.signOut()'), { data: { success: true }, error: null })
    t.equal(await run(page, status), 401)
    t.match(await signIn(page, email, 'not the password'), {
      data: null,
      error: { status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' },
    })
    t.match(await signIn(page, email, password), { data: { user: { email } }, error: null })
    t.equal(await run(page, status), 200)
    t.strictSame(complaints, [])
  })

  t.test('another device is signed out by revoking, and by another password', async (t) => {
    const { open, email } = await visitor(t, chromium, site)
    const here = await open('/auth')
    const device = await (await newcomer(t, chromium, site)).open('/auth')
    await signIn(device, email, password)
    t.equal(await run(device, status), 200)
    t.match(await run(here, 'auth.revokeOtherSessions()'), { data: { status: true }, error: null })
    t.strictSame([await run(here, status), await run(device, status)], [200, 401])
    await signIn(device, email, password)
    t.equal(await run(device, status), 200)
    const passwords = {
      currentPassword: password,
      newPassword: `${password}!`,
      revokeOtherSessions: true,
    }
    const changed = await run(here, `auth.changePassword(${JSON.stringify(passwords)})`)
    t.match(changed, { data: { user: { email } }, error: null })
    t.strictSame([await run(here, status), await run(device, status)], [200, 401])
  })
}
