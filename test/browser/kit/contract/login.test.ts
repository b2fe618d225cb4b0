import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import {
  newPerson,
  openTab,
  revokeFromElsewhere,
  setCookie,
  signInElsewhere,
  until,
  type Outcome,
} from '../site/tabs.ts'

const chromium = await launchChromium(t)
const minute = 60_000

if (chromium !== null) {
  const site = await startSite(t)

  for (const mode of ['cookie', 'bearer']) {
    t.test(`twenty refusals lead to the login page once, ${mode}`, async (t) => {
      const person = await newPerson(t, chromium, site)
      await person.context.clearCookies()
      const tab = await openTab(person, { mode }, '/app/list?page=2#row-7')
      await tab.run('void burst(20)').catch(() => undefined)
      await tab.page.waitForURL('**/_gateway/login?**')
      await tab.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
      t.equal(new URL(tab.page.url()).searchParams.get('return_to'), '/app/list?page=2#row-7')
      const visits = person.asked.filter(({ isNavigation }) => isNavigation)
      t.equal(visits.filter(({ path }) => path.startsWith('/_gateway/login')).length, 1)
      t.same(tab.told('failures'), [])
    })

    t.test(`a callback is called once until there is a session again, ${mode}`, async (t) => {
      const person = await newPerson(t, chromium, site)
      const { context } = person
      const elsewhere = await signInElsewhere(person)
      await context.clearCookies()
      const tab = await openTab(person, { mode, callback: true }, '/app/list?page=2#row-7')
      const outcomes = await tab.run<Outcome[]>('burst(20)')
      t.ok(outcomes.every(({ status, code }) => status === 401 && code === 'credential_missing'))
      t.ok(
        outcomes.every(({ body }) => body.includes('"action":"login"')),
        'bodies can be read',
      )
      await tab.run('burst(20)')
      t.equal(tab.told('logins').length, 1)
      const [login] = tab.told('logins')
      t.equal(login?.code, 'credential_missing')
      const url = new URL(login?.url ?? '', site.origin)
      t.ok(login?.url.startsWith('/_gateway/login?'), 'a path')
      t.equal(url.searchParams.get('return_to'), '/app/list?page=2#row-7')
      t.equal(tab.page.url(), `${site.origin}/app/list?page=2#row-7`, 'the page stays')

      await setCookie(context, site, elsewhere)
      await tab.run('gw.session.reload()')
      t.equal(tab.told('sessions').at(-1)?.user.id, person.id)
      t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200)
      await context.clearCookies()
      site.gateway.clock.offsetMs += 16 * minute
      await tab.run('burst(20)')
      t.equal(tab.told('logins').length, 2, 'and once more for the next time')
    })
  }

  t.test('a session that has ended is said to have, by the first refusal', async (t) => {
    const person = await newPerson(t, chromium, site)
    const elsewhere = await signInElsewhere(person)
    t.teardown(site.door.rule('/_gateway/events', ({ response }) => response.destroy()))
    const tab = await openTab(person, { callback: true })
    await until('the tab knows', () => tab.told('sessions').at(-1)?.user.id === person.id)
    await revokeFromElsewhere(person, elsewhere)
    const [outcome] = await tab.run<Outcome[]>('burst(5)')
    t.equal(outcome?.code, 'session_revoked')
    t.same(
      tab.told('logins').map(({ code }) => code),
      ['session_revoked'],
    )
    t.equal(await tab.run('gw.session.current'), null)
    t.same(
      tab.told('events').filter(({ type }) => type === 'signed-out'),
      [{ type: 'signed-out', code: 'session_revoked' }],
    )
  })

  t.test('a login page of the application is used instead', async (t) => {
    const person = await newPerson(t, chromium, site)
    await person.context.clearCookies()
    for (const [login, expected] of [
      ['/sign-in', '/sign-in?return_to=%2Fapp%3Fa%3D1'],
      ['/sign-in?theme=dark', '/sign-in?theme=dark&return_to=%2Fapp%3Fa%3D1'],
    ] as const) {
      const tab = await openTab(person, { login }, '/app?a=1')
      await tab.run('void burst(5)').catch(() => undefined)
      await tab.page.waitForURL('**/sign-in?**')
      const { pathname, search } = new URL(tab.page.url())
      t.equal(pathname + search, expected)
    }
  })

  t.test(
    'a sign-in that is too long ago is asked for again, and nobody is signed out',
    async (t) => {
      const person = await newPerson(t, chromium, site)
      site.gateway.clock.offsetMs += 20 * minute
      const tab = await openTab(person, { callback: true }, '/app?a=1#b')
      await until('the tab knows', () => tab.told('sessions').at(-1)?.user.id === person.id)
      const outcome = await tab.run<Outcome>('call("/api/recent")')
      t.equal(outcome.code, 'session_not_fresh')
      const [login] = tab.told('logins')
      t.equal(login?.code, 'session_not_fresh')
      const { searchParams } = new URL(login?.url ?? '', site.origin)
      t.equal(searchParams.get('reauth'), '1')
      t.equal(searchParams.get('return_to'), '/app?a=1#b')
      t.equal(searchParams.getAll('return_to').length, 1)
      t.not(await tab.run('gw.session.current'), null)
      t.same(
        tab.told('events').filter(({ type }) => type === 'signed-out'),
        [],
      )
      t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200)
    },
  )

  t.test('a page that is of use without a session stays when it ends', async (t) => {
    const person = await newPerson(t, chromium, site)
    const elsewhere = await signInElsewhere(person)
    const tab = await openTab(person, { signedOut: 'stay' })
    await until('the tab knows', () => tab.told('sessions').at(-1)?.user.id === person.id)
    await until('and listens', () => site.door.open('GET /_gateway/events') >= 1)
    await revokeFromElsewhere(person, elsewhere)
    await until('it is told', () => tab.told('sessions').at(-1) === null)
    t.ok(tab.told('events').some(({ type }) => type === 'signed-out'))
    t.equal(tab.page.url(), `${site.origin}/app`)
    await tab.run('void call("/api/echo")').catch(() => undefined)
    await tab.page.waitForURL('**/_gateway/login?**')
    t.pass('and leaves when it asks for what needs one')
  })

  t.test('a login page that leads straight back makes no loop', async (t) => {
    const person = await newPerson(t, chromium, site)
    await person.context.clearCookies()
    await person.context.route('**/bounce?*', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<script>location.replace(new URLSearchParams(location.search).get('return_to'))</script>`,
      }),
    )
    await person.context.addInitScript(
      `addEventListener('load', () => setTimeout(() => globalThis.call?.('/api/echo')))`,
    )
    const tab = await openTab(person, { login: '/bounce' }).catch(() => null)
    const visits = (): number =>
      person.asked.filter(({ path }) => path.startsWith('/bounce')).length
    await until('it has been there', () => visits() > 0)
    const [page] = person.context.pages()
    // Half a second without a request: it has come to rest.
    await page?.waitForLoadState('networkidle')
    t.ok(visits() <= 5, `${String(visits())} visits`)
    t.same(tab?.told('failures') ?? [], [])
  })
}
