import type { Browser } from 'playwright-core'
import type { Test } from 'tap'
import type { Site } from '../site/index.ts'
import type { Echo } from '../site/backend.ts'
import type { Hold } from '../site/door.ts'
import {
  newPerson,
  openTab,
  until,
  type Asked,
  type Outcome,
  type Person,
  type Tab,
} from '../site/tabs.ts'

export const minute = 60_000
export const refreshing = 'POST /_gateway/token'

export interface TwoTabs extends Person {
  readonly tabs: readonly [Tab, Tab]
  /** Requests for a token since the tabs had their first. */
  readonly refreshes: () => number
}

/** Two tabs of one person, each with the same token in its memory, which was asked for once. */
export async function openTwoTabs(
  t: Test,
  browser: Browser,
  site: Site,
  clock: 'skewed' | 'driven' = 'skewed',
  options: Readonly<Record<string, unknown>> = {},
): Promise<TwoTabs> {
  const person = await newPerson(t, browser, site, clock)
  const before = site.door.count(refreshing)
  const a = await openTab(person, { mode: 'bearer', ...options })
  const token = await a.run<string>('gw.token()')
  const b = await openTab(person, { mode: 'bearer', ...options })
  t.equal(await b.run('gw.token()'), token, 'a tab has its token from the one that has one')
  const first = site.door.count(refreshing)
  t.equal(first - before, 1, 'and so it was asked for once')
  return { ...person, tabs: [a, b], refreshes: () => site.door.count(refreshing) - first }
}

/** Time passes for the gateway, and with it the life of the tokens that are out. */
export function expire(site: Site, ms = 16 * minute): void {
  site.gateway.clock.offsetMs += ms
}

export async function burst(...tabs: readonly Tab[]): Promise<readonly Outcome[]> {
  const outcomes = await Promise.all(tabs.map((tab) => tab.run<Outcome[]>('burst(20)')))
  return outcomes.flat()
}

/** All of them got through, as whom they should, with the token that the application knows and not the one of the page. */
export function checkSuccesses(
  t: Test,
  outcomes: readonly Outcome[],
  { id, tabs }: Pick<TwoTabs, 'id' | 'tabs'>,
  expected = 40,
): void {
  t.equal(outcomes.filter(({ status }) => status === 200).length, expected, 'successes')
  const seen = outcomes.map(({ status, body }) => (status === 200 ? toSeen(body) : body))
  t.same([...new Set(seen)], [`${id} sallyport+jwt`], 'what the application saw')
  t.same(
    tabs.flatMap((tab) => tab.told('failures')),
    [],
    'nothing went wrong in sight',
  )
}

function toSeen(body: string): string {
  const { userId, token } = JSON.parse(body) as Echo
  const head = Buffer.from(token?.replace('Bearer ', '').split('.')[0] ?? '', 'base64url')
  const { typ } = JSON.parse(head.toString()) as { typ: string }
  return `${String(userId)} ${typ}`
}

/** Closes the tab whose request for a token is being held; answers with what the calls of the other one come to. */
export async function loseTheAsker(
  { asked, tabs }: TwoTabs,
  { arrived }: Hold,
): Promise<readonly Outcome[]> {
  const asks = (): readonly Asked[] => asked.filter(({ path }) => path === '/_gateway/token')
  const before = asks().length
  const bursts = tabs.map((tab) => burst(tab).catch(() => []))
  await arrived
  // What the browser tells of a request may come later than the request itself.
  await until('it is known who asks', () => asks().length > before)
  const asker = asks().at(-1)?.page
  await asker?.close()
  return (await bursts[tabs.findIndex(({ page }) => page !== asker)]) ?? []
}
