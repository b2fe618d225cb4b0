import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import type { Test } from 'tap'
import { someAddress } from '../../../helper/gateway.ts'
import type { Site } from './index.ts'

/** A browser of its own with somebody signed in. */
export interface Person {
  readonly site: Site
  readonly context: BrowserContext
  readonly id: string
  readonly email: string
  /** Everything that its tabs asked for, whether it reached the door or not. */
  readonly asked: readonly Asked[]
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly page: Page
  readonly isNavigation: boolean
}

export interface Tab {
  readonly page: Page
  /** What the page told of a kind, oldest first; survives that the page leaves. */
  readonly told: <L extends keyof Told>(list: L) => readonly Told[L][]
  /** Runs an expression in the page. */
  readonly run: <T = unknown>(expression: string) => Promise<T>
}

/** What a page tells, as it comes out of it: by kind. */
export interface Told {
  readonly events: { readonly type: string; readonly here?: boolean; readonly code?: string }
  /** Uncaught exceptions and unhandled rejections. */
  readonly failures: string
  readonly sessions: { readonly user: { readonly id: string }; readonly expiresAt: string } | null
  readonly logins: { readonly url: string; readonly code: string }
  readonly streams: {
    readonly name: 'events' | 'ws'
    readonly type: string
    readonly code?: string | number | null
    readonly state?: number
    readonly data?: string
    readonly id?: string
  }
}

/** What a call of the page came to. */
export interface Outcome {
  /** 0: it was rejected, and `body` says with what. */
  readonly status: number
  readonly code: string | null
  readonly body: string
}

/** Lets a test move the wall clock of a page, and nothing else: no timer fires, as when a lid is opened. */
const skewable = `{
  const Real = Date
  let skew = 0
  globalThis.Date = class extends Real {
    constructor(...given) { given.length === 0 ? super(Real.now() + skew) : super(...given) }
    static now() { return Real.now() + skew }
  }
  globalThis.skew = (ms) => { skew += ms }
}`

/** Of everybody. */
export const password = 'correct horse battery'

let people = 0

/**
 * Somebody new, signed in, in a browser of their own.
 * @param clock `skewed`: pages have `skew(ms)`; `driven`: `context.clock` moves time and timers
 */
export async function newPerson(
  t: Test,
  browser: Browser,
  site: Site,
  clock: 'skewed' | 'driven' = 'skewed',
): Promise<Person> {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  context.setDefaultTimeout(15_000)
  if (clock === 'driven') await context.clock.install()
  else await context.addInitScript(skewable)
  const asked: Asked[] = []
  context.on('request', (request) => asked.push(toAsked(request, site)))
  people += 1
  const email = `person-${String(people)}@example.com`
  const { id, cookie } = await callAuth(site, '/sign-up/email', { name: 'Ada', email, password })
  await setCookie(context, site, cookie)
  return { site, context, id, email, asked }
}

/** Calls Better Auth from elsewhere, as another device of somebody does. */
export async function callAuth(
  site: Site,
  path: string,
  body: unknown,
  cookie = '',
): Promise<{ readonly id: string; readonly cookie: string }> {
  const reply = await site.gateway.request(`/api/auth${path}`, {
    method: 'POST',
    headers: {
      host: new URL(site.origin).host,
      origin: site.origin,
      'content-type': 'application/json',
      'x-forwarded-for': someAddress(),
      cookie,
    },
    body: JSON.stringify(body),
  })
  if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${reply.text}`)
  const { user } = reply.json() as { user?: { id: string } }
  return { id: user?.id ?? '', cookie: reply.cookie }
}

/** Signs somebody in on another device; answers with its cookie. */
export async function signInElsewhere({ site, email }: Person): Promise<string> {
  return (await callAuth(site, '/sign-in/email', { email, password })).cookie
}

/** Ends every session of somebody but the one behind `cookie`, from there. */
export async function revokeFromElsewhere({ site }: Person, cookie: string): Promise<void> {
  await callAuth(site, '/revoke-other-sessions', {}, cookie)
}

export async function setCookie(
  context: BrowserContext,
  { origin }: Pick<Site, 'origin'>,
  cookie: string,
): Promise<void> {
  const [name = '', ...value] = cookie.split('=')
  const more = {
    httpOnly: true,
    sameSite: 'Lax',
    expires: Date.now() / 1000 + 86_400 * 30,
  } as const
  await context.addCookies([{ name, value: value.join('='), url: origin, ...more }])
}

/**
 * A page of the application with the kit in it.
 * @param options of `createGatewayClient`; `callback`: `login` is a function
 */
export async function openTab(
  { context, site }: Person,
  options: Readonly<Record<string, unknown>> = {},
  path = '/app',
): Promise<Tab> {
  const page = await context.newPage()
  const lists = new Map<string, unknown[]>()
  const told = (list: string): unknown[] => {
    if (!lists.has(list)) lists.set(list, [])
    return lists.get(list) ?? []
  }
  await page.exposeFunction('told', (list: string, what: unknown) => {
    told(list).push(what)
  })
  page.on('pageerror', (error) => told('failures').push(String(error)))
  await page.addInitScript(`window.kitOptions = ${JSON.stringify(options)}`)
  await page.goto(site.origin + path)
  await page.locator('html[data-ready]').waitFor({ state: 'attached' })
  return {
    page,
    told: <L extends keyof Told>(list: L) => told(list) as readonly Told[L][],
    run: <T>(expression: string) => within(page.evaluate<T>(expression), expression),
  }
}

/** A page that never answers is a failure, and must not keep the others waiting. */
async function within<T>(answer: Promise<T>, expression: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new Error(`no answer within 20 s: ${expression}`))
  }, 20_000)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Fills in the login page, wherever that leads. */
export async function signInOn(page: Page, email: string): Promise<void> {
  const visible = page.locator(':visible')
  await page.getByLabel('E-mail').and(visible).fill(email)
  await page.getByLabel('Password', { exact: true }).and(visible).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Waits until something holds; rejects with `what` when it does not within some seconds of real time. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 5000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${String(withinMs)} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function toAsked(request: Request, site: Site): Asked {
  return {
    method: request.method(),
    path: request.url().replace(site.origin, ''),
    page: request.frame().page(),
    isNavigation: request.isNavigationRequest(),
  }
}
