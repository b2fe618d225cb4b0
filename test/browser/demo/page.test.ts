import type { Page } from 'playwright-core'
import { request } from 'undici'
import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { startDemo } from './site.ts'
import { newPerson, newVisitor, openBoard, part } from './visitor.ts'

const chromium = await launchChromium(t)
const demo = chromium === null ? null : await startDemo(t)

/** What can be used and has no name that could be read aloud, as HTML. */
function nameless(page: Page): Promise<readonly string[]> {
  return page.evaluate(`[...document.querySelectorAll('a, button, input, progress')]
    .filter((each) => ![each.textContent, each.ariaLabel, each.labels?.[0]?.textContent].some((text) => text?.trim()))
    .map((each) => each.outerHTML)`)
}

if (chromium !== null && demo !== null) {
  t.test(
    'files with a hash are kept, the page is asked for, and nothing else may run in it',
    async (t) => {
      const page = await fetch(`${demo.origin}/`)
      const html = await page.text()
      t.equal(page.headers.get('cache-control'), 'no-cache')
      t.match(
        page.headers.get('content-security-policy'),
        /^default-src 'none'; script-src 'self';/,
      )
      t.notMatch(html, /<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/)
      const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(html) ?? []
      const asset = await fetch(demo.origin + script)
      t.match(asset.headers.get('content-type'), /^(?:text|application)\/javascript/)
      t.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable')
      await asset.arrayBuffer()
      t.equal((await fetch(`${demo.origin}/assets/none.js`)).status, 404)
      const navigation = { 'sec-fetch-mode': 'navigate', host: new URL(demo.origin).host }
      const deep = await request(`${demo.origin}/deep/link`, { headers: navigation })
      t.equal(await deep.body.text(), html, 'any other address is the page')
    },
  )

  t.test('who is signed out is told what this is, and may knock', async (t) => {
    const { context, complaints } = await newVisitor(t, chromium, demo)
    const page = await context.newPage()
    await page.goto(`${demo.origin}/?mode=bearer`)
    const signIn = page.getByRole('link', { name: 'Sign in', exact: true })
    t.equal(
      await signIn.getAttribute('href'),
      '/_gateway/login?return_to=%2F%3Fmode%3Dbearer',
      'with the way back',
    )
    t.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
    t.same(await nameless(page), [])
    t.same(complaints, [], 'nothing is asked for that would be refused')
    const door = part(page, 'Try the door')
    await door.getByRole('button', { name: /^Without credentials/ }).click()
    await door.getByText('401 credential_missing').waitFor()
    t.match(await door.locator('pre').textContent(), '"action": "login"')
  })

  t.test('the page is made of named parts, and the keyboard is enough', async (t) => {
    const ada = await newPerson(t, chromium, demo, 'Ada')
    const page = await openBoard(ada)
    t.equal(await page.getByRole('main').count(), 1)
    t.same(await page.getByRole('heading', { level: 2 }).allTextContents(), [
      ...['Todos', 'Live feed', 'Sessions', 'Chat', 'Try the door', 'Behind the scenes'],
    ])
    t.same(await nameless(page), [])
    await part(page, 'Todos').getByRole('textbox').focus()
    const { keyboard } = page
    await keyboard.type('Water the plants')
    await keyboard.press('Enter')
    const box = part(page, 'Todos').getByRole('checkbox', { name: 'Water the plants' })
    await box.click({ trial: true })
    await keyboard.press('Tab')
    await keyboard.press('Tab')
    await keyboard.press('Space')
    await part(page, 'Todos').getByText('all done').waitFor()
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    await part(page, 'Todos').getByText('Nothing to do.').waitFor()
    t.same(ada.complaints, [])
  })

  t.test('nothing is wider than a phone', async (t) => {
    const grace = await newPerson(t, chromium, demo, 'Grace')
    const page = await openBoard(grace)
    for (const width of [320, 390, 768, 1024, 1280]) {
      await page.setViewportSize({ width, height: 844 })
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
    }
  })
}
