import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import type { Echo } from '../site/backend.ts'
import { startSite } from '../site/index.ts'
import { newPerson, openTab, until, type Outcome, type Tab } from '../site/tabs.ts'

const chromium = await launchChromium(t)
const hour = 3_600_000

async function openStreams(tab: Tab): Promise<void> {
  await tab.run('feed()')
  await tab.run('socket()')
  await until('both are open', () => opened(tab) === 2)
}

function opened(tab: Tab): number {
  return tab.told('streams').filter(({ type }) => type === 'open').length
}

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  for (const mode of ['cookie', 'bearer']) {
    t.test(`after an hour of sleep the first click works, ${mode}`, async (t) => {
      const person = await newPerson(t, chromium, site)
      const tab = await openTab(person, { mode, callback: true })
      await until('the tab knows', () => tab.told('sessions').at(-1)?.user.id === person.id)
      if (mode === 'bearer') await tab.run('gw.token()')
      const refreshes = door.count('POST /_gateway/token')
      // Connections do not survive sleep, and no timer has fired when the lid is opened.
      door.cut()
      site.gateway.clock.offsetMs += hour
      await tab.run(`skew(${String(hour)})`)
      const outcome = await tab.run<Outcome>('call("/api/echo", { method: "POST", body: "click" })')
      t.equal(outcome.status, 200)
      t.match(JSON.parse(outcome.body) as Echo, { userId: person.id, body: 'click' })
      t.equal(door.count('POST /_gateway/token') - refreshes, mode === 'bearer' ? 1 : 0)
      t.same(tab.told('logins'), [])
      t.same(tab.told('failures'), [])
      t.same(
        tab.told('events').filter(({ type }) => type === 'signed-out'),
        [],
      )
    })

    t.test(`and streams come back, without a click, ${mode}`, async (t) => {
      const person = await newPerson(t, chromium, site, 'driven')
      const tab = await openTab(person, { mode, callback: true })
      const feeds = site.feeds.length
      await openStreams(tab)
      site.feeds[feeds]?.send('id: 9', 'data: before')
      await until('the event is there', () => {
        return tab.told('streams').some(({ type }) => type === 'message')
      })
      site.gateway.clock.offsetMs += hour
      door.cut()
      const asked = person.asked.length
      await person.context.clock.fastForward(hour)
      await until('both are open again', async () => {
        await person.context.clock.runFor(500)
        return opened(tab) === 4
      })
      t.equal(site.feeds.at(-1)?.lastEventId, '9')
      t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200)
      t.ok(person.asked.length - asked <= 12, `${String(person.asked.length - asked)} requests`)
      t.same(tab.told('logins'), [])
      t.same(tab.told('failures'), [])
    })
  }

  t.test('a session that ended in the meantime is asked for once, with the click', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true })
    await tab.run('gw.token()')
    door.cut()
    site.gateway.clock.offsetMs += 31 * 24 * hour
    await tab.run(`skew(${String(31 * 24 * hour)})`)
    const outcomes = await tab.run<Outcome[]>('burst(5)')
    t.ok(outcomes.every(({ status }) => status === 401))
    t.equal(tab.told('logins').length, 1)
    t.match(tab.told('logins')[0], { code: 'session_expired' })
    t.equal(await tab.run('gw.session.current'), null)
    t.same(tab.told('failures'), [])
  })
}
