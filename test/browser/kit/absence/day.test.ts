import type { Browser } from 'playwright-core'
import t, { type Test } from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite, type Site } from '../site/index.ts'
import {
  newPerson,
  openTab,
  revokeFromElsewhere,
  signInElsewhere,
  until,
  type Outcome,
  type Person,
  type Tab,
} from '../site/tabs.ts'

const chromium = await launchChromium(t)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/**
 * Six things are tried again while there is no answer: a stream of events and a WebSocket in each of two tabs, the connection of the
 * browser that hears of the session, and the token. With a back-off that grows to half a minute or less, at least half of which is waited,
 * that is 24 in a minute.
 */
const perMinute = 24
/** Nor may it all come at once when the network is back. */
const aReturn = 30

interface Two extends Person {
  readonly tabs: readonly Tab[]
}

/** Two tabs with everything that a page can have open. */
async function openTwo(t: Test, browser: Browser, site: Site): Promise<Two> {
  const person = await newPerson(t, browser, site, 'driven')
  const tabs = []
  for (const mode of ['bearer', 'cookie']) {
    const tab = await openTab(person, { mode, callback: true })
    await tab.run('gw.token()')
    await tab.run('feed()')
    await tab.run('socket()')
    await until('everything is open', () => opened(tab) === 2)
    tabs.push(tab)
  }
  return { ...person, tabs }
}

function opened(tab: Tab): number {
  return tab.told('streams').filter(({ type }) => type === 'open').length
}

/**
 * A day of the pages, an hour of it in steps after each of which what was asked for has failed. Answers with how much that was: by minute of
 * the first hour, and in all.
 */
async function leaveForADay({ site, context, asked }: Person): Promise<{
  readonly byMinute: readonly number[]
  readonly total: number
}> {
  const first = asked.length
  const pass = async (step: number): Promise<void> => {
    site.gateway.clock.offsetMs += step
    await context.clock.runFor(step)
    const isBusy = (): boolean => {
      return site.door.passed.some(({ isOpen, isUpgrade }) => isOpen && !isUpgrade)
    }
    await until('everything has been answered', () => !isBusy())
  }
  const byMinute = []
  for (let time = 0; time < hour; time += minute) {
    const before = asked.length
    const step = time < 10 * minute ? minute / 6 : minute / 2
    for (let part = 0; part < minute; part += step) await pass(step)
    byMinute.push(asked.length - before)
  }
  for (let time = hour; time < day; time += hour / 6) await pass(hour / 6)
  return { byMinute, total: asked.length - first }
}

function checkPeace(t: Test, { byMinute, total }: Awaited<ReturnType<typeof leaveForADay>>): void {
  t.comment(`by minute: ${byMinute.join(' ')}; ${String(total)} in a day`)
  const [first = 0, ...others] = byMinute
  t.ok(first <= 2 * perMinute, `${String(first)} in the first minute`)
  t.ok(Math.max(...others) <= perMinute, `at most ${String(Math.max(...others))} in any other`)
  t.ok(total <= (perMinute * day) / minute, `${String(total)} in a day`)
}

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('a day without network, and everything is as it was', async (t) => {
    const two = await openTwo(t, chromium, site)
    await two.context.setOffline(true)
    door.cut()
    checkPeace(t, await leaveForADay(two))
    const before = two.asked.length
    await two.context.setOffline(false)
    await until('all streams are open again', async () => {
      await two.context.clock.runFor(1000)
      return two.tabs.every((tab) => opened(tab) === 4)
    })
    await two.context.clock.runFor(10 * minute)
    t.ok(two.asked.length - before <= aReturn, `${String(two.asked.length - before)} to be back`)
    for (const tab of two.tabs) {
      t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200)
      t.equal(tab.told('sessions').at(-1)?.user.id, two.id)
      t.same(tab.told('logins'), [])
      t.same(tab.told('failures'), [])
      t.same(
        tab.told('events').filter(({ type }) => type === 'signed-out'),
        [],
      )
    }
  })

  t.test('a session that ended meanwhile: one sign-in is asked for', async (t) => {
    const two = await openTwo(t, chromium, site)
    const elsewhere = await signInElsewhere(two)
    await two.context.setOffline(true)
    door.cut()
    await two.context.clock.fastForward(day / 2)
    site.gateway.clock.offsetMs += day / 2
    await revokeFromElsewhere(two, elsewhere)
    const before = two.asked.length
    await two.context.setOffline(false)
    const ends = (tab: Tab): number =>
      tab.told('streams').filter(({ type }) => type === 'end').length
    await until('both know, and their streams have ended', async () => {
      await two.context.clock.runFor(1000)
      return two.tabs.every((tab) => tab.told('sessions').at(-1) === null && ends(tab) === 2)
    })
    await two.context.clock.runFor(10 * minute)
    t.ok(two.asked.length - before <= aReturn, `${String(two.asked.length - before)} requests`)
    for (const tab of two.tabs) {
      t.equal(tab.told('logins').length, 1, 'asked once')
      t.equal(tab.told('events').filter(({ type }) => type === 'signed-out').length, 1)
      t.equal(ends(tab), 2)
      t.same(tab.told('failures'), [])
    }
  })

  t.test('a day of a gateway that says 503, and nobody is signed out', async (t) => {
    const two = await openTwo(t, chromium, site)
    const ends = [
      ...['/_gateway/token', '/_gateway/session', '/_gateway/events', '/_gateway/ticket'],
      ...['/api/feed', '/api/echo'],
    ].map((path) =>
      door.rule(path, ({ response }) => {
        response.writeHead(503, {
          'content-type': 'application/problem+json',
          'x-sallyport-code': 'session_store_unavailable',
          'retry-after': '1',
        })
        response.end(JSON.stringify({ code: 'session_store_unavailable', action: 'retry' }))
      }),
    )
    door.cut()
    checkPeace(t, await leaveForADay(two))
    for (const tab of two.tabs) {
      const { status } = await tab.run<Outcome>('call("/api/echo")')
      t.ok([0, 503].includes(status), 'a failure, and no refusal')
      t.same(tab.told('logins'), [])
      t.same(tab.told('failures'), [])
      t.not(await tab.run('gw.session.current'), null)
    }
    for (const end of ends) end()
    await until('all feeds are open again', async () => {
      await two.context.clock.runFor(1000)
      return door.open('GET /api/feed') === 2
    })
    for (const tab of two.tabs) {
      t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200)
      t.same(
        tab.told('events').filter(({ type }) => type === 'signed-out'),
        [],
      )
    }
  })
}
