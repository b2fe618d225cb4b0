import type { Browser } from 'playwright-core'
import type { Test } from 'tap'
import type { WebSocket } from 'ws'
import type { Feed } from '../site/backend.ts'
import type { Site } from '../site/index.ts'
import { newPerson, openTab, until, type Person, type Tab, type Told } from '../site/tabs.ts'

export const minute = 60_000

export interface Reader extends Person {
  readonly tab: Tab
  /** Streams of events that the application has had from this page so far. */
  readonly feeds: () => readonly Feed[]
  /** WebSocket connections likewise. */
  readonly sockets: () => readonly WebSocket[]
  /** What the stream of the page told, by type. */
  readonly told: (type: string) => readonly Told['streams'][]
  /** Lets the page's time pass until something holds. */
  readonly passUntil: (what: string, holds: () => boolean) => Promise<void>
}

/**
 * A page with its time in our hands that has asked for a stream.
 * @param call `feed(…)` or `socket(…)` of the page
 */
export async function startReader(
  t: Test,
  browser: Browser,
  site: Site,
  call: string,
  { isSignedOut = false, ...options }: Readonly<Record<string, unknown>> = {},
): Promise<Reader> {
  const person = await newPerson(t, browser, site, 'driven')
  if (isSignedOut === true) await person.context.clearCookies()
  const feeds = site.feeds.length
  const sockets = site.sockets.length
  const tab = await openTab(person, { callback: true, ...options })
  await tab.run(call)
  return {
    ...person,
    tab,
    feeds: () => site.feeds.slice(feeds),
    sockets: () => site.sockets.slice(sockets),
    told: (type) => tab.told('streams').filter((each) => each.type === type),
    passUntil: (what, holds) =>
      until(what, async () => {
        if (!holds()) await person.context.clock.runFor(500)
        return holds()
      }),
  }
}

/** The same, and it is open. */
export async function openReader(...given: Parameters<typeof startReader>): Promise<Reader> {
  const reader = await startReader(...given)
  await until('the stream is open', () => reader.told('open').length === 1)
  return reader
}
