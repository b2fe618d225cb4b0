import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { alertOf, signUp, visit, type Visit } from '../visit.ts'

const chromium = await launchChromium(t)

/** A second tab of the same browser, on a page of the application. */
async function openTab({ context, site }: Visit): Promise<Visit['page']> {
  const tab = await context.newPage()
  await tab.goto(`${site.origin}/other`)
  return tab
}

/** What the browser kit says to the other tabs. */
function say(tab: Visit['page'], message: string): Promise<unknown> {
  return tab.evaluate(`new BroadcastChannel('sallyport').postMessage(${message})`)
}

if (chromium !== null) {
  t.test('a sign-in in another tab is followed at once when it is told', async (t) => {
    const person = await visit(t, chromium, '?return_to=/todos')
    const { page, site } = person
    const tab = await openTab(person)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await signUp(person, 'ada@example.com')
    await say(tab, "{ type: 'session', session: { user: { id: '1' } } }")
    await page.waitForURL(`${site.origin}/todos`)
  })

  t.test('and else when somebody comes back to the page', async (t) => {
    const person = await visit(t, chromium, '?return_to=/todos')
    const { page, site } = person
    await page.waitForLoadState('networkidle')
    await signUp(person, 'ada@example.com')
    t.match(page.url(), '/_gateway/login')
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.waitForURL(`${site.origin}/todos`)
  })

  t.test('what others say is no more than a reason to ask', async (t) => {
    const person = await visit(t, chromium, '?return_to=/todos')
    const { page, requested } = person
    const tab = await openTab(person)
    await page.waitForLoadState('networkidle')
    const asked = () => requested.filter((url) => url === '/_gateway/session').length
    const before = asked()
    for (const message of ['null', '1', "'session'", "{ type: 'session', session: null }", '{}'])
      await say(tab, message)
    const answered = page.waitForResponse('**/_gateway/session')
    await say(tab, "{ type: 'session', session: {} }")
    await answered
    t.equal(asked(), before + 1)
    t.match(page.url(), '/_gateway/login', 'nobody is signed in')
    t.equal(await page.locator('#message').textContent(), '')
  })

  t.test(
    'a place that sends people back is left alone, however often one comes back',
    async (t) => {
      const person = await visit(t, chromium)
      const { page, site, requested } = person
      await signUp(person, 'ada@example.com')
      await page.goto(`${site.origin}/_gateway/login?return_to=/todos`)
      await page.waitForURL(`${site.origin}/todos`)
      await page.goto(`${site.origin}/_gateway/login?return_to=/todos`)
      for (let time = 0; time < 3; time += 1) {
        const answered = page.waitForResponse('**/_gateway/session')
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await answered
      }
      t.match(await alertOf(page), 'You are signed in already.')
      t.equal(requested.filter((url) => url === '/todos').length, 1)
    },
  )

  t.test('who is asked to sign in again is not sent on by a session that is there', async (t) => {
    const person = await visit(t, chromium)
    const { page, site } = person
    await signUp(person, 'ada@example.com')
    const tab = await openTab(person)
    await page.goto(`${site.origin}/_gateway/login?return_to=/todos&reauth=1`)
    await page.waitForLoadState('networkidle')
    const answered = page.waitForResponse('**/_gateway/session')
    await say(tab, "{ type: 'session', session: { user: { id: '1' } } }")
    await answered
    t.equal(await alertOf(page), 'Sign in again to go on.')
    t.equal(await page.locator('#in-email').inputValue(), 'ada@example.com')
  })
}
