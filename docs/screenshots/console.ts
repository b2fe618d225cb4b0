// Takes the pictures of docs/console.md anew:
//   node docs/screenshots/console.ts          all of them, into docs/images
//   node docs/screenshots/console.ts FOLDER   into another folder
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { startConsoleSite, type ConsoleSite } from './console-site.ts'
import { openBrowser } from './sheet.ts'

const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'images')

interface Picture {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
  readonly visit?: (page: Page) => Promise<void>
}

const pictures: readonly Picture[] = [
  { name: 'console', width: 1360, height: 1500, scheme: 'light' },
  { name: 'console-dark', width: 1360, height: 1500, scheme: 'dark' },
  { name: 'console-phone', width: 390, height: 1500, scheme: 'light' },
  {
    name: 'console-refusal',
    width: 1000,
    height: 860,
    scheme: 'light',
    visit: async (page) => {
      await page.locator('#code').selectOption('not_owner')
      await page.locator('#refusals .open').first().click()
      await page.getByRole('heading', { name: 'Which route, and why no other' }).waitFor()
    },
  },
  {
    name: 'console-end',
    width: 1000,
    height: 720,
    scheme: 'dark',
    visit: async (page) => {
      await page
        .getByRole('button', { name: /^End all sessions of/ })
        .first()
        .click()
      await page.locator('dialog[open]').waitFor()
    },
  },
]

async function take(browser: Browser, site: ConsoleSite, picture: Picture): Promise<Buffer> {
  const { width, height, scheme, visit } = picture
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  const page = await context.newPage()
  await page.goto(`${site.adminUrl}/console/`)
  await page.locator('#link.up').waitFor()
  await site.happen()
  await page.locator('#live table').waitFor()
  await visit?.(page)
  const shot = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  await context.close()
  return shot
}

mkdirSync(folder, { recursive: true })
const site = await startConsoleSite()
const browser = await openBrowser()
for (const picture of pictures) {
  const shot = await take(browser, site, picture)
  writeFileSync(join(folder, `${picture.name}.png`), shot)
  console.log(`${picture.name}.png ${Math.round(shot.length / 1024)} kB`)
}
await browser.close()
await site.close()
