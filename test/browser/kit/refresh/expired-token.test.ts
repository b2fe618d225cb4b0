import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import { newPerson, openTab, until } from '../site/tabs.ts'
import {
  burst,
  checkSuccesses,
  expire,
  loseTheAsker,
  minute,
  openTwoTabs,
  refreshing,
} from './two-tabs.ts'

const chromium = await launchChromium(t)

/** Gives pages a function with which somebody looks at them, or stops doing so. */
const look = `
  let isHidden = false
  Object.defineProperty(Document.prototype, 'hidden', { get: () => isHidden })
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => isHidden ? 'hidden' : 'visible' })
  globalThis.look = (does) => {
    isHidden = !does
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }`

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('a token that only the gateway knows to be over is refreshed once', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    expire(site)
    const before = door.count('GET /api/echo')
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 1)
    t.ok(door.count('GET /api/echo') - before <= 80, 'each was sent twice at most')
  })

  t.test('a token that the page knows to be over is not even sent', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    expire(site)
    for (const tab of person.tabs) await tab.run(`skew(${String(16 * minute)})`)
    const before = door.count('GET /api/echo')
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 1)
    t.equal(door.count('GET /api/echo') - before, 40, 'each was sent once')
  })

  t.test('a tab that comes later than the other has its token from there', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    const [a, b] = person.tabs
    expire(site)
    const first = await burst(a)
    checkSuccesses(t, [...first, ...(await burst(b))], person)
    t.equal(person.refreshes(), 1)
    t.equal(await a.run('gw.token()'), await b.run('gw.token()'))
  })

  t.test('a tab that is closed while it refreshes leaves that to the other', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    const hold = door.hold('/_gateway/token')
    expire(site)
    checkSuccesses(t, await loseTheAsker(person, hold), person, 20)
    t.equal(person.refreshes(), 2, 'one more request')
  })

  t.test('a tab that is closed when the token is on its way does as well', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    const hold = door.hold('/_gateway/token', 'answer')
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
    const before = person.asked.filter(({ path }) => path === '/_gateway/token').length
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 1, 'one of them arrived')
    const asked = person.asked.filter(({ path }) => path === '/_gateway/token').length - before
    t.equal(asked, 2, 'of two')
  })

  t.test('so is one that the gateway answers with a 503', async (t) => {
    const person = await openTwoTabs(t, chromium, site)
    const end = door.rule('/_gateway/token', ({ response }) => {
      end()
      response.writeHead(503, {
        'content-type': 'application/problem+json',
        'x-sallyport-code': 'overloaded',
        'retry-after': '1',
      })
      response.end(JSON.stringify({ status: 503, code: 'overloaded', action: 'retry' }))
    })
    expire(site)
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 2)
  })

  t.test('a token that is about to end is refreshed ahead, by one tab for both', async (t) => {
    const person = await openTwoTabs(t, chromium, site, 'driven')
    const old = await person.tabs[0].run('gw.token()')
    site.gateway.clock.offsetMs += 14.5 * minute
    const before = door.count('GET /api/echo')
    await person.context.clock.runFor(14.5 * minute)
    await until('the token was refreshed', () => person.refreshes() > 0)
    checkSuccesses(t, await burst(...person.tabs), person)
    t.equal(person.refreshes(), 1)
    t.equal(door.count('GET /api/echo') - before, 40, 'nobody was refused meanwhile')
    const [a, b] = await Promise.all(person.tabs.map((tab) => tab.run('gw.token()')))
    t.equal(a, b)
    t.not(a, old)
  })

  t.test(
    'a page that nobody looks at asks for nothing, and does when somebody looks',
    async (t) => {
      const person = await newPerson(t, chromium, site, 'driven')
      await person.context.addInitScript(look)
      const tab = await openTab(person, { mode: 'bearer' })
      const old = await tab.run('gw.token()')
      const before = door.count(refreshing)
      await tab.run('look(false)')
      site.gateway.clock.offsetMs += 60 * minute
      for (let part = 0; part < 6; part += 1) {
        await person.context.clock.runFor(10 * minute)
        await tab.run('fetch("/open/echo").then(() => undefined)')
      }
      t.equal(door.count(refreshing), before)
      await tab.run('look(true)')
      await until('it is refreshed', () => door.count(refreshing) > before)
      await until('it is there', () => tab.told('events').at(-1)?.type === 'refreshed')
      t.not(await tab.run('gw.token()'), old)
      t.equal(door.count(refreshing) - before, 1)
    },
  )
}
