// Takes the pictures of docs/demo.md and README.md anew; the page must have been built (`npm run build:web`):
//   node docs/screenshots/demo.ts          all of them, into docs/images
//   node docs/screenshots/demo.ts FOLDER   into another folder
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { signIn, signUp, type Person } from './demo-people.ts'
import { startDemo, type DemoSite } from './demo-site.ts'
import { openBrowser, takeSheet, type Shot } from './sheet.ts'

const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'images')
const ada = 'Ada Lovelace'
const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 Version/26.1 Mobile/15E148 Safari/604.1'

interface Todo {
  readonly id: number
}

/** Says a few words for the history of the chat; whoever says them is still there afterwards. */
async function talk(site: DemoSite): Promise<() => void> {
  const [one, other] = await Promise.all([
    signUp(site, ada).then((person) => person.enter()),
    signUp(site, 'Charles Babbage').then((person) => person.enter()),
  ])
  const words = [
    [other, 'The mill is finished. Shall we try the Bernoulli numbers?'],
    [one, 'Note G is ready. It repeats a cycle of operations, so mind the order of the cards.'],
    [other, 'And if the engine stops half way?'],
    [one, 'Then it takes up where it left off.'],
  ] as const
  for (const [person, text] of words) {
    person.say(text)
    await delay(100)
  }
  one.leave()
  return other.leave
}

/** What is on the list, and what happens to it while the page looks. */
async function note(person: Person, page: Page): Promise<void> {
  for (const { id } of (await person.call('GET', '/api/todos')) as readonly Todo[]) {
    await person.call('DELETE', `/api/todos/${id}`)
  }
  const add = async (title: string): Promise<number> =>
    ((await person.call('POST', '/api/todos', { title })) as Todo).id
  const cards = await add('Punch the cards for Note G')
  await add('Write to Mary about the ninth diagram')
  await page.reload()
  await live(page)
  await add('Renew the library card')
  const draft = await add('Tidy up the drafts')
  await person.call('PATCH', `/api/todos/${cards}`, { done: true })
  await person.call('DELETE', `/api/todos/${draft}`)
  await page.locator('.verb.deleted').waitFor()
  await page.locator('.todo').nth(2).waitFor()
}

async function live(page: Page): Promise<void> {
  await page.locator('.feed .badge.live').waitFor()
  await page.locator('.chat .badge.live').waitFor()
}

/** Opens the page of somebody with a session of its own, and lets things happen. */
async function board(site: DemoSite, page: Page, query = ''): Promise<Person> {
  const person = await signIn(site, ada, await page.evaluate<string>('navigator.userAgent'))
  await person.call('POST', '/api/auth/revoke-other-sessions', {})
  await signIn(site, ada, phone)
  const [name = '', value = ''] = person.cookie.split('=')
  await page.context().addCookies([{ name, value, url: site.origin }])
  await page.goto(`${site.origin}/${query}`)
  await live(page)
  await note(person, page)
  return person
}

function shotsOf(site: DemoSite): readonly Shot[] {
  return [
    {
      name: 'demo-start',
      visit: async (page) => {
        await page.goto(site.origin)
        await page.getByRole('button', { name: 'Without credentials' }).click()
        await page.locator('.answer pre').waitFor()
        await page.mouse.move(0, 0)
      },
    },
    {
      name: 'demo-board',
      visit: async (page) => {
        await board(site, page)
      },
    },
    { name: 'demo-panel', visit: (page) => panel(site, page) },
    {
      name: 'demo-ended',
      visit: async (page) => {
        const person = await board(site, page, '?end=stay')
        await person.call('POST', '/api/auth/revoke-sessions', {})
        await page.locator('.chat .badge.ended').waitFor()
      },
    },
  ]
}

async function panel(site: DemoSite, page: Page): Promise<void> {
  await board(site, page, '?mode=bearer')
  for (let times = 2; times <= 3; times += 1) {
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page
      .locator('.events .refreshed')
      .nth(times - 1)
      .waitFor()
  }
  await page.mouse.move(0, 0)
  await page.locator('.facts').waitFor()
  await page.locator('.device-list li').nth(1).waitFor()
  await page
    .locator('.panel')
    .evaluate('(panel) => { if (innerWidth < 800) panel.scrollIntoView() }')
}

/** The one picture of the README: what one sees first. */
async function takeFirst(browser: Browser, site: DemoSite): Promise<Buffer> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await panel(site, page)
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  await context.close()
  return picture
}

function keep(name: string, picture: Buffer): void {
  writeFileSync(join(folder, `${name}.png`), picture)
  console.log(`${name}.png ${Math.round(picture.length / 1024)} kB`)
}

mkdirSync(folder, { recursive: true })
const site = await startDemo()
const stayed = await talk(site)
const browser = await openBrowser()
keep('demo', await takeFirst(browser, site))
for (const shot of shotsOf(site)) keep(shot.name, await takeSheet(browser, shot, 1))
await browser.close()
stayed()
await site.close()
