import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import { until } from '../site/tabs.ts'
import { burst, checkSuccesses, expire, loseTheAsker, minute, openTwoTabs } from './two-tabs.ts'

// Where pages come over plain http from a host that is not this one, browsers have no Web Locks.
const chromium = await launchChromium(t, ['--host-resolver-rules=MAP plain.test 127.0.0.1'])

if (chromium !== null) {
  const site = await startSite(t, 'plain.test')
  const { door } = site

  t.test('an expired token is refreshed once, without Web Locks', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    t.equal(await person.tabs[0].run('isSecureContext'), false)
    t.equal(await person.tabs[0].run('typeof navigator.locks'), 'undefined')
    expire(site)
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 1)
  })

  t.test('one that the page knows to be over as well', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    expire(site)
    for (const tab of person.tabs) await tab.run(`skew(${String(16 * minute)})`)
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 1)
  })

  t.test('a tab that is closed while it refreshes leaves that to the other', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    const hold = door.hold('/_gateway/token')
    expire(site)
    checkSuccesses(t, await loseTheAsker(person, hold), person, 20)
    t.equal(person.refreshes(), 2)
  })

  t.test('a refresh that fails on the network is tried again', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    await person.context.route('**/_gateway/token', (route) => route.abort('connectionreset'), {
      times: 1,
    })
    expire(site)
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 1)
  })

  t.test('signing out wins against a refresh of the other tab', async (t) => {
    const person = await openTwoTabs(t, chromium, site, 'skewed', { signedOut: 'stay' })
    const [a, b] = person.tabs
    const hold = door.hold('/_gateway/token', 'answer')
    await b.run('start("refreshing", gw.refresh())')
    await hold.arrived
    await a.run('start("leaving", gw.logout())')
    hold.release()
    await a.run('leaving')
    t.equal(await b.run('refreshing'), false)
    for (const tab of person.tabs) {
      await until('it knows', async () => (await tab.run('gw.session.current')) === null)
      t.equal(await tab.run('gw.token()'), null)
      t.same(tab.told('failures'), [])
    }
  })

  t.test('one tab listens for both, and another one when it is closed', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    const asks = () => person.asked.filter(({ path }) => path === '/_gateway/events')
    await until('one listens', () => asks().length === 1)
    const [listener] = asks()
    await listener?.page.close()
    await until('the other one listens', () => asks().length === 2, 10_000)
    t.not(asks()[1]?.page, listener?.page)
  })
}
