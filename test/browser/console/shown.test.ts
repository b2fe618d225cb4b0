import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { launchChromium } from '../../helper/chromium.ts'
import { startWithConsole } from '../../ops/console/stage.ts'
import { live, look } from './look.ts'

t.test('live traffic appears in the charts, without a complaint of the browser', async (t) => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const gateway = await startWithConsole(t)
  const { page, complaints, foreign } = await look(t, browser, gateway.admin)
  await live(page)
  await page.getByText('Nothing yet').first().waitFor()
  for (let times = 0; times < 5; times += 1) await gateway.request('/open/x')
  await gateway.request('/api/x')
  const charts = page.locator('.chart')
  await charts.nth(0).locator('rect.c-ok').first().waitFor()
  await charts.nth(0).locator('rect.c-refused').first().waitFor()
  await charts.nth(1).locator('rect').first().waitFor()
  await charts.nth(2).locator('path.line').first().waitFor({ state: 'attached' })
  await charts.nth(3).locator('path.line').first().waitFor({ state: 'attached' })
  t.match(await charts.nth(1).locator('.legend').textContent(), 'credential_missing')
  t.match(await page.locator('#busiest').textContent(), /open.*5/)
  t.match(await page.locator('#upstreams').textContent(), /breaker closed.*sound/)
  t.strictSame(complaints, [])
  t.strictSame(foreign, [])
})

t.test('a chart is read with the arrow keys, and its series can be left out', async (t) => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const gateway = await startWithConsole(t)
  await gateway.request('/open/x')
  const { page } = await look(t, browser, gateway.admin)
  await live(page)
  const plot = page.getByRole('slider', { name: /^Requests/ })
  await plot.focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowRight')
  await page.locator('.chart').first().locator('.tip').waitFor()
  t.match(await plot.getAttribute('aria-valuetext'), /\d\d:\d\d:\d\d: (answered .*\/s|nothing)/)
  await page.keyboard.press('Escape')
  t.equal(await page.locator('.chart').first().locator('.tip').isVisible(), false)
  await page.getByRole('button', { name: 'answered' }).click()
  await page.locator('.chart').first().locator('rect.c-ok').waitFor({ state: 'detached' })
})

t.test('a refusal opens its explanation, and the focus comes back', async (t) => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const gateway = await startWithConsole(t, {
    routes: `
  - { name: mine, match: { path: "/api/users/{user_id}/*" }, upstream: api, auth: { owner: user_id } }
  - { name: api, match: { path: /api/* }, upstream: api }`,
  })
  const ada = await signUp(gateway)
  const { page, complaints } = await look(t, browser, gateway.admin)
  await live(page)
  await gateway.request('/api/users/other/notes', { headers: { cookie: ada.cookie } })
  const opener = page.getByRole('button', { name: 'Explain GET /api/users/other/notes' })
  await opener.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Which route, and why no other').waitFor()
  const text = (await dialog.textContent()) ?? ''
  for (const part of [
    'not_owner',
    'Not the owner',
    'a Cookie header; session was accepted',
    ada.id,
    'less specific',
    'sallyport explain --request-id',
  ]) {
    t.ok(text.includes(part), part)
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  t.match(await page.evaluate('document.activeElement.ariaLabel'), 'Explain GET /api/users')
  t.strictSame(complaints, [])
})

t.test('whatever somebody hostile sends is text', async (t) => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const gateway = await startWithConsole(t)
  const { page, complaints, foreign } = await look(t, browser, gateway.admin)
  await live(page)
  const path = '/<img/src=x/onerror=document.title=1><script>alert(1)</script>'
  await gateway.raw(`GET ${path} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`)
  const row = page.locator('#refusals .open').first()
  await row.waitFor()
  t.equal(await row.textContent(), `GET ${path}`)
  await row.click()
  await page.getByRole('dialog').waitFor()
  t.equal(await page.locator('#refusals img, dialog img, main script').count(), 0)
  t.match(await page.title(), 'Sallyport console')
  t.strictSame(complaints, [])
  t.strictSame(foreign, [])
})

t.test('in the dark it is dark; on a phone nothing is wider than the screen', async (t) => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const gateway = await startWithConsole(t)
  for (let times = 0; times < 3; times += 1) await gateway.request('/api/x')
  const ground =
    'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b)'
  const { page: dark } = await look(t, browser, gateway.admin, { colorScheme: 'dark' })
  const { page: light } = await look(t, browser, gateway.admin, { colorScheme: 'light' })
  t.ok((await dark.evaluate<number>(ground)) < 150)
  t.ok((await light.evaluate<number>(ground)) > 600)
  const { page: phone } = await look(t, browser, gateway.admin, {
    viewport: { width: 360, height: 780 },
  })
  await live(phone)
  await phone.locator('#refusals table').waitFor()
  t.equal(await phone.evaluate<number>('document.documentElement.scrollWidth'), 360)
})
