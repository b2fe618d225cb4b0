import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import { newPerson, openTab, revokeFromElsewhere, signInElsewhere, until } from '../site/tabs.ts'

const chromium = await launchChromium(t)
const watching = 'GET /_gateway/events'

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('a page is told within two seconds, and does not poll until then', async (t) => {
    const person = await newPerson(t, chromium, site, 'driven')
    const elsewhere = await signInElsewhere(person)
    const tab = await openTab(person, { signedOut: 'stay' })
    await until('the page listens', () => door.open(watching) === 1)
    await until('and knows', () => tab.told('sessions').at(-1)?.user.id === person.id)
    const before = door.passed.length
    await person.context.clock.runFor(120_000)
    t.same(
      door.passed.slice(before).map(({ path }) => path),
      [],
      'two minutes of the page without a request',
    )
    const start = performance.now()
    await revokeFromElsewhere(person, elsewhere)
    await until('the page is told', () => tab.told('sessions').at(-1) === null, 2000)
    t.ok(performance.now() - start < 2000)
    t.equal(
      tab.told('events').findLast(({ type }) => type === 'signed-out')?.code,
      'session_revoked',
    )
    t.same(tab.told('failures'), [])
  })

  t.test('it goes to the login page, from where it was', async (t) => {
    const person = await newPerson(t, chromium, site)
    const elsewhere = await signInElsewhere(person)
    const tab = await openTab(person, {}, '/app/list?page=2#row-7')
    await until('the page listens', () => door.open(watching) === 1)
    await revokeFromElsewhere(person, elsewhere)
    await tab.page.waitForURL('**/_gateway/login?**', { timeout: 2000 })
    t.equal(new URL(tab.page.url()).searchParams.get('return_to'), '/app/list?page=2#row-7')
  })

  t.test('two tabs listen through one connection, and both are told', async (t) => {
    const person = await newPerson(t, chromium, site)
    const elsewhere = await signInElsewhere(person)
    const tabs = [
      await openTab(person, { signedOut: 'stay' }),
      await openTab(person, { signedOut: 'stay', mode: 'bearer' }),
      await openTab(person, { signedOut: 'stay' }),
    ]
    for (const tab of tabs) {
      await until('all know', () => tab.told('sessions').at(-1)?.user.id === person.id)
    }
    await until('somebody listens', () => door.open(watching) === 1)
    await revokeFromElsewhere(person, elsewhere)
    for (const tab of tabs) {
      await until('all are told', () => tab.told('sessions').at(-1) === null, 2000)
      t.equal(tab.told('events').filter(({ type }) => type === 'signed-out').length, 1, 'once')
    }
    t.equal(person.asked.filter(({ path }) => path === '/_gateway/events').length, 1)
  })

  t.test('when the tab that listens is closed, another one takes over', async (t) => {
    const person = await newPerson(t, chromium, site)
    const elsewhere = await signInElsewhere(person)
    const tabs = [
      await openTab(person, { signedOut: 'stay' }),
      await openTab(person, { signedOut: 'stay' }),
    ]
    await until('one listens', () => door.open(watching) === 1)
    const asks = () => person.asked.filter(({ path }) => path === '/_gateway/events')
    await until('it is known which', () => asks().length === 1)
    const listener = asks()[0]?.page
    const [other] = tabs.filter(({ page }) => page !== listener)
    await listener?.close()
    await until('the other listens', () => asks().length === 2 && door.open(watching) === 1)
    await revokeFromElsewhere(person, elsewhere)
    await until('and is told', () => other?.told('sessions').at(-1) === null, 2000)
  })

  t.test('what is missed while nobody could listen is found out afterwards', async (t) => {
    const person = await newPerson(t, chromium, site, 'driven')
    const elsewhere = await signInElsewhere(person)
    const tab = await openTab(person, { signedOut: 'stay' })
    await until('the page listens', () => door.open(watching) === 1)
    door.shut()
    await revokeFromElsewhere(person, elsewhere)
    await person.context.clock.runFor(60_000)
    t.not(await tab.run('gw.session.current'), null, 'not known is not signed out')
    door.openAgain()
    await until('the page finds out', async () => {
      await person.context.clock.runFor(1000)
      return tab.told('sessions').at(-1) === null
    })
  })

  t.test('nobody listens where nobody is signed in', async (t) => {
    const person = await newPerson(t, chromium, site, 'driven')
    await person.context.clearCookies()
    const before = door.count(watching)
    const tab = await openTab(person, { signedOut: 'stay' })
    await until('the page knows', async () => (await tab.run('gw.session.current')) === null)
    await person.context.clock.runFor(600_000)
    t.ok(door.count(watching) - before <= 1, 'asked at most once in ten minutes')
    t.same(tab.told('logins'), [])
    t.equal(tab.page.url(), `${site.origin}/app`)
  })

  t.test('the kit that the gateway serves is told as well', async (t) => {
    const person = await newPerson(t, chromium, site)
    const elsewhere = await signInElsewhere(person)
    const tab = await openTab(person, { signedOut: 'stay' })
    await tab.run('gw.close()')
    const before = door.count(watching)
    await tab.run(`import('/_gateway/client.js').then(({ createGatewayClient }) => {
      globalThis.served = createGatewayClient({ mode: 'bearer', signedOut: 'stay' })
    })`)
    t.equal(await tab.run('served.fetch("/api/echo").then(({ status }) => status)'), 200)
    await until('it listens', () => door.count(watching) > before)
    await revokeFromElsewhere(person, elsewhere)
    await until('it is told', () => tab.run('served.session.current === null'), 2000)
  })
}
