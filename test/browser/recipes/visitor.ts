import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Test } from 'tap'
import { someAddress } from '../../helper/gateway.ts'
import type { Mode, Site } from './site.ts'

/** Somebody who has just signed up, with a browser of their own. */
export interface Visitor {
  readonly email: string
  readonly context: BrowserContext
  /** What the browser has asked the site for, as `GET /path?query`, across all its pages. */
  readonly requested: readonly string[]
  /** Uncaught exceptions and violations of the content security policy, in the browser's words. */
  readonly complaints: readonly string[]
  readonly open: (path: string) => Promise<Page>
}

/** What the application says that it was asked. */
export interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const name = 'Ada Lovelace'
export const password = 'correct horse battery'

/** A browser in which nobody is signed in. */
export async function newcomer(t: Test, browser: Browser, { origin }: Site): Promise<Visitor> {
  const context = await browser.newContext({
    extraHTTPHeaders: { 'x-forwarded-for': someAddress() },
  })
  t.teardown(() => context.close())
  context.setDefaultTimeout(15_000)
  const requested: string[] = []
  context.on('request', (request) => {
    requested.push(`${request.method()} ${request.url().replace(origin, '')}`)
  })
  const complaints: string[] = []
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  const open = async (path: string): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(origin + path)
    return page
  }
  const email = `ada-${String(Math.random()).slice(2)}@example.com`
  return { email, context, requested, complaints, open }
}

/** Somebody who has just signed up. */
export async function visitor(t: Test, browser: Browser, site: Site): Promise<Visitor> {
  const person = await newcomer(t, browser, site)
  const answer = await person.context.request.post(`${site.origin}/api/auth/sign-up/email`, {
    data: { name, email: person.email, password },
    headers: { origin: site.origin },
  })
  if (!answer.ok()) throw new Error(await answer.text())
  return person
}

/** The first value of an expression that will do; the last one there was after 15 s. Nothing is evaluated in the page: its policy forbids that. */
export async function until(
  page: Page,
  expression: string,
  judge: (value: unknown) => boolean,
): Promise<unknown> {
  const deadline = Date.now() + 15_000
  for (;;) {
    const value: unknown = await page.evaluate(expression)
    if (judge(value) || Date.now() > deadline) return value
  }
}

/** Calls the application as the recipe on the page does. A body is sent as JSON. */
export async function call(page: Page, path: string, body?: unknown): Promise<Echo> {
  const values = [path, body]
    .filter((value) => value !== undefined)
    .map((value) => JSON.stringify(value))
  await until(page, 'typeof call', (type) => type === 'function')
  return page.evaluate(`call(${values.join()})`)
}

/**
 * What every recipe has to do: a signed-in call succeeds, an expired access token is refreshed once and its request sent again with its
 * body, and who is no longer signed in is led to the login page.
 */
export function proveRecipe(t: Test, browser: Browser, site: Site, mark: string): void {
  t.test(`${mark}: a call of who is signed in succeeds, by cookie alone`, async (t) => {
    const { open, requested, complaints } = await visitor(t, browser, site)
    const page = await open(`/${mark}-cookie?tab=1`)
    const echo = await call(page, '/api/todos')
    t.match(echo, { method: 'GET', url: '/api/todos', headers: { 'x-user-id': /^[\da-f-]{36}$/ } })
    t.notOk(requested.includes('POST /_gateway/token'))
    t.strictSame(complaints, [])
  })

  t.test(`${mark}: an expired token is refreshed once, and the body survives`, async (t) => {
    const { open, context, requested, complaints } = await visitor(t, browser, site)
    await context.clock.install()
    const page = await open(`/${mark}-bearer`)
    await call(page, '/api/todos')
    await expire(site, page)
    const before = requested.length
    const echo = await call(page, '/api/todos', { title: 'milk' })
    t.match(echo, { method: 'POST', headers: { 'content-type': /^application\/json/ } })
    t.strictSame(JSON.parse(echo.body), { title: 'milk' })
    t.strictSame(callsIn(requested.slice(before)), [
      'POST /api/todos',
      'POST /_gateway/token',
      'POST /api/todos',
    ])
    t.strictSame(complaints, [])
  })

  for (const mode of ['cookie', 'bearer'] satisfies Mode[]) {
    t.test(`${mark}, ${mode}: who is not signed in is led to the login page`, async (t) => {
      const { open, context } = await visitor(t, browser, site)
      await context.clock.install()
      const page = await open(`/${mark}-${mode}?tab=1`)
      await call(page, '/api/todos')
      await context.clearCookies()
      await expire(site, page)
      const arrived = page.waitForURL((url) => url.pathname === '/_gateway/login')
      // Whatever the library makes of the refusal, the page is on its way.
      await call(page, '/api/todos').catch(() => undefined)
      await arrived
      t.equal(new URL(page.url()).searchParams.get('return_to'), `/${mark}-${mode}?tab=1`)
    })
  }
}

/**
 * To the gateway every access token has expired. To the page they are only old enough to ask for another: it would otherwise do so by
 * itself.
 */
async function expire({ gateway }: Site, page: Page): Promise<void> {
  gateway.clock.offsetMs += 16 * 60_000
  await page.clock.runFor(10_000)
}

/** Without what the kit asks for by itself. */
function callsIn(requested: readonly string[]): readonly string[] {
  return requested.filter((line) => !/ \/_gateway\/(?:session|events)/.test(line))
}
