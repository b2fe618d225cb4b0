import t from 'tap'
import { closeOf, startSocketBackend } from '../../gateway/websocket/backend.ts'
import { connect, routes } from '../../gateway/websocket/client.ts'
import { launchChromium } from '../../helper/chromium.ts'
import { origin, signUp } from '../../helper/gateway.ts'
import { startWithConsole, token } from '../../ops/console/stage.ts'
import { live, look } from './look.ts'

t.test(
  'the kill switch asks first, names what will happen, and then ends it within a second',
  async (t) => {
    const browser = await launchChromium(t)
    if (browser === null) return
    const backend = await startSocketBackend(t)
    const gateway = await startWithConsole(t, { upstream: backend.url, routes })
    const ada = await signUp(gateway)
    const headers = { cookie: ada.cookie, origin }
    const socket = await connect(t, gateway, '/live/x', { headers })
    const { page, complaints } = await look(t, browser, gateway.admin)
    await live(page)
    const end = page.getByRole('button', { name: `End all sessions of ${ada.id}` })
    await end.click()
    const dialog = page.getByRole('dialog', { name: `End all sessions of ${ada.id}?` })
    const text = (await dialog.textContent()) ?? ''
    for (const part of [
      'signed out everywhere',
      'The open connection ends at once',
      'Every token',
    ]) {
      t.ok(text.includes(part), part)
    }
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.locator('#live .group').waitFor()
    t.equal(socket.readyState, socket.OPEN, 'cancel does nothing')
    t.equal(
      (await gateway.request('/live/x', { headers: { cookie: ada.cookie } })).status < 400,
      true,
    )

    await end.click()
    await dialog.getByLabel('Admin token').fill('not the token')
    await dialog.getByRole('button', { name: 'End all sessions' }).click()
    await dialog.getByText('That is not the admin token.').waitFor()
    t.equal(socket.readyState, socket.OPEN, 'without the token nothing ends')

    await dialog.getByLabel('Admin token').fill(token)
    const ended = closeOf(socket)
    const started = performance.now()
    await dialog.getByRole('button', { name: 'End all sessions' }).click()
    t.strictSame(await ended, { code: 3000, reason: 'session_revoked' })
    t.ok(performance.now() - started < 1000)
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText('No WebSocket and no event stream is open.').waitFor()
    const later = await gateway.request('/live/x', { headers: { cookie: ada.cookie } })
    t.equal(later.json()['code'], 'session_revoked')
    t.strictSame(
      complaints.filter((line) => !line.includes('401')),
      [],
    )
  },
)

t.test('one session ends alone; whoever has signed in is not asked again', async (t) => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const backend = await startSocketBackend(t)
  const gateway = await startWithConsole(t, { upstream: backend.url, routes })
  const [ada, bob] = [await signUp(gateway), await signUp(gateway, 'bob@example.com')]
  const socket = await connect(t, gateway, '/live/x', { headers: { cookie: ada.cookie, origin } })
  const other = await connect(t, gateway, '/live/x', { headers: { cookie: bob.cookie, origin } })
  const { page } = await look(t, browser, gateway.admin)
  await live(page)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('dialog').getByLabel('Admin token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  const rows = page.locator('#live tr')
  const row = rows.filter({ has: page.locator('code', { hasText: ada.id }) })
  t.equal(await row.count(), 1)
  // The rows of a user follow that of the user.
  await page.locator(`tr.group:has(code:text-is("${ada.id}")) + tr.member button`).click()
  const dialog = page.getByRole('dialog')
  t.equal(await dialog.getByLabel('Admin token').count(), 0)
  const ended = closeOf(socket)
  await dialog.getByRole('button', { name: 'End session' }).click()
  t.strictSame(await ended, { code: 3000, reason: 'session_revoked' })
  t.equal(other.readyState, other.OPEN)
  const named = page.getByRole('button', { name: 'End sessions of …' })
  await named.click()
  await dialog.getByLabel('User: id or e-mail address').fill('nobody@example.com')
  await dialog.getByRole('button', { name: 'End all sessions' }).click()
  await dialog.getByText('There is no such user or session.').waitFor()
  const otherEnded = closeOf(other)
  await dialog.getByLabel('User: id or e-mail address').fill('bob@example.com')
  await dialog.getByRole('button', { name: 'End all sessions' }).click()
  t.strictSame(await otherEnded, { code: 3000, reason: 'session_revoked' })
})

t.test(
  'where the listener is open to others, nothing is shown before somebody has signed in',
  async (t) => {
    const browser = await launchChromium(t)
    if (browser === null) return
    const gateway = await startWithConsole(t, { admin: `listen: "0.0.0.0:0", token: "${token}"` })
    const admin = gateway.admin.replace('0.0.0.0', '127.0.0.1')
    const { page } = await look(t, browser, admin)
    await page.getByRole('button', { name: 'Sign in with the admin token' }).click()
    t.equal(await page.locator('#shown').isVisible(), false)
    t.notMatch(await page.locator('body').textContent(), 'app.test')
    await page.getByLabel('Admin token').fill(token)
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
    await live(page)
    t.match(await page.locator('#where').textContent(), 'app.test')
    t.equal(await page.evaluate('document.cookie'), '', 'no script reads the cookie')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in with the admin token' }).waitFor()
    t.equal(await page.locator('#shown').isVisible(), false)
  },
)

t.test(
  'where there is no token, the dialog says that nothing can be ended from here',
  async (t) => {
    const browser = await launchChromium(t)
    if (browser === null) return
    const gateway = await startWithConsole(t, { admin: 'listen: "127.0.0.1:0"' })
    const { page } = await look(t, browser, gateway.admin)
    await live(page)
    t.equal(await page.locator('#account').isVisible(), false)
    await page.getByRole('button', { name: 'End sessions of …' }).click()
    await page.getByText('There is no admin.token in the configuration').waitFor()
  },
)
