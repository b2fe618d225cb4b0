import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import type { Echo } from '../site/backend.ts'
import { startSite } from '../site/index.ts'
import { newPerson, openTab, password, signInOn, until, type Tab } from '../site/tabs.ts'

const chromium = await launchChromium(t)

/** Codes by which a stream may say that its session is over. */
const over = ['session_revoked', 'signed_out']

async function openStreams(tab: Tab): Promise<void> {
  await tab.run('feed()')
  await tab.run('socket()')
  const opened = (): number => tab.told('streams').filter(({ type }) => type === 'open').length
  await until('both streams are open', () => opened() === 2)
}

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('signing out in one tab ends the streams of the other, with the reason', async (t) => {
    const person = await newPerson(t, chromium, site)
    const a = await openTab(person, { callback: true })
    const b = await openTab(person, { callback: true })
    await until('the tab knows who it is', () => b.told('sessions').at(-1)?.user.id === person.id)
    await openStreams(b)
    const asked = a.page.waitForRequest('**/sign-out')
    await a.run('gw.logout()')
    const signOut = await asked
    t.equal(
      signOut.headers()['content-type'],
      'application/json',
      'else some frameworks answer 415',
    )
    const ends = () => b.told('streams').filter(({ type }) => type === 'end')
    await until('both streams have ended', () => ends().length === 2)
    t.same(
      ends()
        .map(({ name }) => name)
        .sort(),
      ['events', 'ws'],
    )
    for (const { code } of ends()) t.ok(over.includes(String(code)), `because: ${String(code)}`)
    // The gateway may have ended the streams before the other tab could say why.
    const goodbyes = () => b.told('events').filter(({ type }) => type === 'signed-out')
    await until('the page hears of it', () => goodbyes().length > 0)
    t.same(
      goodbyes(),
      [{ type: 'signed-out', code: 'signed_out' }],
      'who signed out was somebody here',
    )
    await until('somebody is asked to sign in', () => b.told('logins').length > 0)
    t.equal(b.told('logins').length, 1)
    t.same(a.told('logins'), [], 'whoever signs out is where they want to be')
    t.same([...a.told('failures'), ...b.told('failures')], [])
  })

  t.test('the other tab shows the login page, and comes back to where it was', async (t) => {
    const person = await newPerson(t, chromium, site)
    const a = await openTab(person)
    const where = '/app/list?page=2&q=a%20b#row-7'
    const b = await openTab(person, {}, where)
    await until('the tab knows who it is', () => b.told('sessions').at(-1)?.user.id === person.id)
    await openStreams(b)
    await a.run('gw.logout()')
    await b.page.waitForURL('**/_gateway/login?**')
    t.equal(new URL(b.page.url()).searchParams.get('return_to'), where)
    t.equal(a.page.url(), `${site.origin}/app`)
    await signInOn(b.page, person.email)
    await b.page.waitForURL(site.origin + where)
    await until('and knows who it is', () => b.told('sessions').at(-1)?.user.id === person.id)
    t.equal((await b.run<{ status: number }>('call("/api/echo")')).status, 200)
    t.same([...a.told('failures'), ...b.told('failures')], [])
    const toLogin = person.asked.filter((each) => each.page === b.page && each.isNavigation)
    t.equal(toLogin.filter(({ path }) => path.startsWith('/_gateway/login')).length, 1, 'once')
  })

  t.test('whoever signs out is signed out: here, there and on the server', async (t) => {
    const person = await newPerson(t, chromium, site)
    const a = await openTab(person, { signedOut: 'stay', callback: true })
    const b = await openTab(person, { signedOut: 'stay', callback: true })
    await until('both know', () => [a, b].every((tab) => tab.told('sessions').at(-1) !== null))
    const before = door.count('POST /api/auth/sign-out')
    await a.run('gw.logout()')
    t.equal(door.count('POST /api/auth/sign-out') - before, 1)
    t.same(await person.context.cookies(), [])
    await until('the other tab knows', async () => (await b.run('gw.session.current')) === null)
    t.equal(await a.run('gw.session.current'), null)
    t.equal(await b.run('gw.refresh()'), false)
    t.equal((await b.run<{ status: number }>('call("/api/echo")')).status, 401)
  })

  t.test('without a gateway to tell, nobody is signed out, and it is said', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person)
    await until('the tab knows', () => tab.told('sessions').at(-1) !== null)
    await person.context.route('**/api/auth/sign-out', (route) => route.abort('failed'))
    await t.rejects(tab.run('gw.logout()'))
    await person.context.unroute('**/api/auth/sign-out')
    t.equal(tab.page.url(), `${site.origin}/app`, 'and the page stays')
    t.equal((await tab.run<{ status: number }>('call("/api/echo")')).status, 200)
    t.not(await tab.run('gw.session.current'), null)
  })

  t.test('signing in in one tab reaches one that was signed out', async (t) => {
    const person = await newPerson(t, chromium, site)
    await person.context.clearCookies()
    const a = await openTab(person, { callback: true })
    await until('the tab knows that it is nobody', async () => {
      return (await a.run('gw.session.current === null')) === true
    })
    const b = await person.context.newPage()
    await b.goto(`${site.origin}/_gateway/login?return_to=%2Fapp`)
    await signInOn(b, person.email)
    await b.waitForURL(`${site.origin}/app`)
    await until('the first tab knows', () => a.told('sessions').at(-1)?.user.id === person.id)
    t.equal(a.told('events').findLast(({ type }) => type === 'session')?.type, 'session')
    t.equal((await a.run<{ status: number }>('call("/api/echo")')).status, 200)
  })

  t.test('so does a page that signs in by itself and looks', async (t) => {
    const person = await newPerson(t, chromium, site)
    await person.context.clearCookies()
    const a = await openTab(person, { callback: true, mode: 'bearer' })
    const b = await openTab(person, { callback: true, mode: 'bearer' })
    t.equal(await b.run('gw.token()'), null)
    await a.run(`${signIn(person.email)}.then(() => gw.session.reload())`)
    await until('the other tab knows', () => b.told('sessions').at(-1)?.user.id === person.id)
    const { status } = await b.run<{ status: number }>('call("/api/echo")')
    t.equal(status, 200)
  })

  t.test('a session that the page has begun by itself is found by a refresh', async (t) => {
    const person = await newPerson(t, chromium, site)
    await person.context.clearCookies()
    const tab = await openTab(person, { callback: true, mode: 'bearer' })
    await until('the tab knows', async () => (await tab.run('gw.session.current')) === null)
    await tab.run(signIn(person.email))
    t.equal(await tab.run('gw.refresh()'), true)
    await until('it knows now', () => tab.told('sessions').at(-1)?.user.id === person.id)
    t.type(await tab.run('gw.token()'), 'string')
  })

  for (const isRefreshing of [false, true]) {
    const when = isRefreshing ? 'while a token is on its way' : 'in between'
    t.test(`where somebody else signs in, nobody goes on as the first: ${when}`, async (t) => {
      const person = await newPerson(t, chromium, site)
      const other = await newPerson(t, chromium, site)
      const a = await openTab(person, { callback: true, mode: 'bearer' })
      const b = await openTab(person, { callback: true, mode: 'bearer' })
      const token = await a.run('gw.token()')
      t.equal(await b.run('gw.token()'), token)
      const hold = isRefreshing ? door.hold('/_gateway/token', 'answer') : null
      if (hold !== null) await b.run('start("refreshing", gw.refresh())')
      await hold?.arrived
      await a.run(`${signIn(other.email)}.then(() => gw.session.reload())`)
      hold?.release()
      for (const tab of [b, a]) {
        await until('both know', () => tab.told('sessions').at(-1)?.user.id === other.id)
        if (tab === b) await tab.run('globalThis.refreshing')
        t.not(await tab.run('gw.token()'), token)
        const { body } = await tab.run<{ body: string }>('call("/api/echo")')
        t.equal((JSON.parse(body) as Echo).userId, other.id)
      }
    })
  }
}

/** What a page with a form of its own does. */
function signIn(email: string): string {
  const body = JSON.stringify(JSON.stringify({ email, password }))
  const headers = `{ 'content-type': 'application/json' }`
  return `fetch('/api/auth/sign-in/email', { method: 'POST', headers: ${headers}, body: ${body} })`
}
