// Takes the pictures of docs/pages.md anew:
//   node docs/screenshots/pages.ts          all of them, into docs/images
//   node docs/screenshots/pages.ts FOLDER   into another folder
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser, takeSheet, type Shot } from './sheet.ts'
import { startPages } from './site.ts'

const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'images')

function shotsOf(origin: string): readonly Shot[] {
  const at = (path: string) => async (page: Page) => {
    await page.goto(origin + path, { waitUntil: 'networkidle' })
  }
  const fail = async (page: Page): Promise<void> => {
    await at('/_gateway/login')(page)
    await page.locator('#in-email').fill('ada@example.com')
    await page.locator('#in-password').fill('not the password')
    // Attempts are counted; the answer to one too many would be another.
    await page.route('**/sign-in/email', (route) =>
      route.fulfill({ status: 401, json: { code: 'INVALID_EMAIL_OR_PASSWORD' } }),
    )
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#message:not(:empty)').waitFor()
  }
  return [
    { name: 'sign-in', visit: at('/_gateway/login') },
    { name: 'sign-up', visit: at('/_gateway/login?view=sign-up') },
    { name: 'forgotten-password', visit: at('/_gateway/login?view=forgot') },
    { name: 'second-factor', visit: at('/_gateway/login?view=totp') },
    { name: 'error', visit: fail },
    { name: 'refusal', visit: at('/todos') },
  ]
}

mkdirSync(folder, { recursive: true })
const site = await startPages()
const browser = await openBrowser()
for (const shot of shotsOf(site.origin)) {
  const picture = await takeSheet(browser, shot)
  writeFileSync(join(folder, `${shot.name}.png`), picture)
  console.log(`${shot.name}.png ${Math.round(picture.length / 1024)} kB`)
}
await browser.close()
await site.close()
