import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { someAddress } from '../helper/gateway.ts'
import { startSite, type Site, type SiteOptions } from './site.ts'

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  readonly site: Site
  /** What the browser has asked for so far: path and query on the site, the whole address elsewhere. */
  readonly requested: readonly string[]
  /** Violations of the content security policy and uncaught exceptions, in the browser's words. */
  readonly complaints: readonly string[]
}

export const password = 'correct horse battery'

/** A person with an empty browser on the login page of a new site. */
export async function visit(
  t: Test,
  browser: Browser,
  query = '',
  options: SiteOptions = {},
  contextOptions: BrowserContextOptions = {},
): Promise<Visit> {
  const site = await startSite(t, options)
  const context = await browser.newContext(contextOptions)
  t.teardown(() => context.close())
  await moveElsewhere(context)
  const requested: string[] = []
  context.on('request', (request) => requested.push(request.url().replace(site.origin, '')))
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${site.origin}/_gateway/login${query}`)
  return { page, context, site, requested, complaints }
}

/** Has an account on the site, and the session that came with it in the browser. */
export async function signUp({ page, context, site }: Visit, email: string): Promise<void> {
  const answer = await context.request.post(`${site.origin}/api/auth/sign-up/email`, {
    data: { name: 'Ada', email, password },
    headers: { origin: site.origin, 'x-forwarded-for': someAddress() },
  })
  if (!answer.ok()) throw new Error(await answer.text())
  await page.bringToFront()
}

/** From now on the browser calls from another address, so that attempts are not counted together. */
export async function moveElsewhere(context: BrowserContext): Promise<void> {
  await context.setExtraHTTPHeaders({ 'x-forwarded-for': someAddress() })
}

export async function fillSignIn(page: Page, email: string, secret: string): Promise<void> {
  const form = page.locator('#sign-in')
  await form.getByLabel('E-mail').fill(email)
  await form.getByLabel('Password', { exact: true }).fill(secret)
}

/** The words the page says about what went wrong, once it says any. */
export async function alertOf(page: Page): Promise<string> {
  const alert = page.locator('#message:not(:empty)')
  await alert.waitFor()
  return (await alert.textContent()) ?? ''
}
