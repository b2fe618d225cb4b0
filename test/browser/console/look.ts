import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'

export interface Look {
  readonly page: Page
  /** Violations of the content security policy, errors on the console, uncaught exceptions, failed requests. */
  readonly complaints: readonly string[]
  /** Whatever was asked for that is not of this origin. */
  readonly foreign: readonly string[]
}

/** Somebody opens the console. */
export async function look(
  t: Test,
  browser: Browser,
  admin: string,
  options: BrowserContextOptions = {},
): Promise<Look> {
  const context = await browser.newContext(options)
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  const foreign: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(admin) && !url.startsWith('data:')) foreign.push(url)
  })
  await page.goto(`${admin}/console/`)
  return { page, complaints, foreign }
}

/** The stream of the page is up. */
export async function live(page: Page): Promise<void> {
  await page.locator('#link.up').waitFor()
}
