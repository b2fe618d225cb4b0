import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { until } from '../kit/site/tabs.ts'
import { startDemo } from './site.ts'
import { newPerson, openBoard, part } from './visitor.ts'

// FastAPI has a clock of its own, and refuses tokens that were issued in its future: so the gateway's is only moved by what `iat`
// is set back (30 s), and tokens live for less.
const ttlMs = 12_000
const aheadMs = 14_000

const elsewhere = 'refreshed by another tab'

const chromium = await launchChromium(t)
const demo = chromium === null ? null : await startDemo(t, `${String(ttlMs / 1000)}s`)

function panel(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Behind the scenes' })
}

async function refreshes(page: Page, how: string): Promise<number> {
  return panel(page).getByRole('log').getByText(how, { exact: true }).count()
}

if (chromium !== null && demo !== null) {
  t.test(
    'an expired token is replaced silently, for both tabs, and the panel says so',
    async (t) => {
      const ada = await newPerson(t, chromium, demo, 'Ada')
      const a = await openBoard(ada, '?mode=bearer')
      const b = await openBoard(ada, '?mode=bearer')
      const current = panel(a).getByRole('link', { name: 'bearer token' })
      t.equal(await current.getAttribute('aria-current'), 'true')
      await panel(a).getByText('refreshed here', { exact: true }).waitFor()
      t.match(await panel(a).getByRole('timer').textContent(), /^0:\d\d$/)

      const [here, there] = [await refreshes(a, 'refreshed here'), await refreshes(b, elsewhere)]
      demo.gateway.clock.offsetMs += aheadMs
      await panel(a).getByRole('button', { name: 'Ask FastAPI again' }).click()
      await until('the panel says so', async () => (await refreshes(a, 'refreshed here')) > here)
      await until('in both tabs', async () => (await refreshes(b, elsewhere)) > there)
      await panel(a).getByRole('button', { name: 'Ask FastAPI again' }).click({ trial: true })
      t.equal(await a.locator('.trouble, .notice').count(), 0, 'nobody sees an error')
      const facts = panel(a).locator('.facts')
      t.match(await facts.textContent(), /X-User-Id[0-9a-f-]{36}.*nameAda/)
      t.ok(
        demo.door.passed.every(
          ({ path, headers }) => path !== '/api/me' || headers.authorization?.startsWith('Bearer '),
        ),
        'every request carried a token',
      )
    },
  )

  t.test('a token that expired gets what the contract says', async (t) => {
    const grace = await newPerson(t, chromium, demo, 'Grace')
    const page = await openBoard(grace, '?mode=bearer')
    const door = part(page, 'Try the door')
    const expired = door.getByRole('button', { name: /^With an expired token/ })
    t.ok(await expired.isDisabled(), 'there is none yet')
    demo.gateway.clock.offsetMs += aheadMs
    await page.evaluate(`{ const now = Date.now; Date.now = () => now() + ${String(aheadMs)} }`)
    await expired.click()
    await door.getByText('401 token_expired').waitFor()
    t.match(await door.locator('pre').textContent(), '"action": "refresh"')
    await door.getByRole('button', { name: /^As somebody else/ }).click()
    await door.getByText('200').waitFor()
    t.notMatch(await door.locator('pre').textContent(), /"from_header": "someone-else"/)
  })

  t.test('a refresh can be asked for', async (t) => {
    const page = await openBoard(await newPerson(t, chromium, demo, 'Joan'), '?mode=bearer')
    await panel(page).getByText('refreshed here', { exact: true }).first().waitFor()
    const before = await refreshes(page, 'refreshed here')
    await panel(page).getByRole('button', { name: 'Refresh now' }).click()
    await until('it was', async () => (await refreshes(page, 'refreshed here')) > before)
    await panel(page).getByRole('link', { name: 'session cookie' }).click()
    await page.waitForURL(`${demo.origin}/`)
    await panel(page).getByText('No token is ever in JavaScript.').waitFor()
  })
}
