import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import { someAddress } from '../../helper/gateway.ts'
import { password } from '../visit.ts'
import type { Demo } from './site.ts'

/** A browser of its own. */
export interface Visitor {
  readonly demo: Demo
  readonly context: BrowserContext
  /** Whatever the consoles of its pages call an error, and exceptions that nobody caught. */
  readonly complaints: readonly string[]
}

export async function newVisitor(t: Test, browser: Browser, demo: Demo): Promise<Visitor> {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  context.setDefaultTimeout(20_000)
  const complaints: string[] = []
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  return { demo, context, complaints }
}

/** Somebody with an account, who is signed in. Their name is the beginning of their address. */
export async function newPerson(
  t: Test,
  browser: Browser,
  demo: Demo,
  name: string,
): Promise<Visitor & { readonly email: string }> {
  const visitor = await newVisitor(t, browser, demo)
  const email = `${name.toLowerCase()}@example.com`
  await callAuth(visitor, '/sign-up/email', { name, email, password })
  return { ...visitor, email }
}

/** Another device of somebody. */
export async function newDevice(
  t: Test,
  browser: Browser,
  { demo, email }: { readonly demo: Demo; readonly email: string },
): Promise<Visitor> {
  const visitor = await newVisitor(t, browser, demo)
  await callAuth(visitor, '/sign-in/email', { email, password })
  return visitor
}

async function callAuth({ context, demo }: Visitor, path: string, data: object): Promise<void> {
  const answer = await context.request.post(`${demo.origin}/api/auth${path}`, {
    data,
    headers: { origin: demo.origin, 'x-forwarded-for': someAddress() },
  })
  if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`)
}

/** A part of the page by its heading. */
export function part(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true })
}

/** How the feed and the chat are doing. */
export function badges(page: Page): { readonly feed: Locator; readonly chat: Locator } {
  const badge = (name: string): Locator => part(page, name).locator('.badge')
  return { feed: badge('Live feed'), chat: badge('Chat') }
}

/** The page of somebody who is signed in, once its streams are open. */
export async function openBoard({ context, demo }: Visitor, query = ''): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${demo.origin}/${query}`)
  await whenBadges(page, 'live')
  return page
}

export async function whenBadges(page: Page, text: string): Promise<void> {
  const { feed, chat } = badges(page)
  await feed.filter({ hasText: text }).waitFor()
  await chat.filter({ hasText: text }).waitFor()
}

export async function addTodo(page: Page, title: string): Promise<void> {
  await page.getByRole('textbox', { name: 'New todo' }).fill(title)
  await page.keyboard.press('Enter')
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text)
  await page.keyboard.press('Enter')
}
