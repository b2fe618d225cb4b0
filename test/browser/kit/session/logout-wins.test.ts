import type { Browser } from 'playwright-core'
import t, { type Test } from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite, type Site } from '../site/index.ts'
import { newPerson, openTab, until, type Person, type Tab } from '../site/tabs.ts'

const chromium = await launchChromium(t)
const hour = 3_600_000

interface Two extends Person {
  readonly a: Tab
  readonly b: Tab
}

async function openTwo(t: Test, browser: Browser, site: Site): Promise<Two> {
  const person = await newPerson(t, browser, site)
  const options = { mode: 'bearer', signedOut: 'stay', callback: true }
  const a = await openTab(person, options)
  const b = await openTab(person, options)
  for (const tab of [a, b]) {
    await tab.run('gw.token()')
    await until('both know', () => tab.told('sessions').at(-1)?.user.id === person.id)
  }
  return { ...person, a, b }
}

/** Nobody is signed in, nobody has a token, and nobody gets one. */
async function checkSignedOut(t: Test, { context, site, a, b }: Two): Promise<void> {
  for (const tab of [a, b]) {
    await until('the tab knows', async () => (await tab.run('gw.session.current')) === null)
    t.equal(await tab.run('gw.token()'), null, 'no token')
    t.equal(await tab.run('gw.refresh()'), false)
    const { status } = await tab.run<{ status: number }>('call("/api/echo")')
    t.equal(status, 401)
    t.equal(tab.told('events').filter(({ type }) => type === 'signed-out').length, 1)
    t.same(tab.told('failures'), [])
  }
  const session = await context.request.get(`${site.origin}/_gateway/session`)
  t.same(await session.json(), { authenticated: false }, 'whatever cookie there may be')
}

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  for (const held of ['request', 'answer'] as const) {
    t.test(`signing out wins against a refresh under way: the ${held} is held`, async (t) => {
      const two = await openTwo(t, chromium, site)
      const hold = door.hold('/_gateway/token', held)
      await two.a.run('start("refreshing", gw.refresh())')
      await hold.arrived
      await two.a.run('start("leaving", gw.logout())')
      hold.release()
      await two.a.run('leaving')
      const outcome = await two.a.run('refreshing.catch((error) => error.name)')
      t.not(outcome, true, 'there is no fresh credential')
      await checkSignedOut(t, two)
    })

    t.test(`the same when the other tab refreshes: the ${held} is held`, async (t) => {
      const two = await openTwo(t, chromium, site)
      const hold = door.hold('/_gateway/token', held)
      site.gateway.clock.offsetMs += hour
      await two.b.run('start("calling", burst(3))')
      await hold.arrived
      await two.a.run('start("leaving", gw.logout())')
      hold.release()
      await two.a.run('leaving')
      const outcomes = await two.b.run<{ status: number }[]>('calling')
      t.ok(outcomes.every(({ status }) => [0, 200, 401].includes(status)))
      await checkSignedOut(t, two)
    })
  }

  t.test('signing out does not wait for a refresh that never ends', async (t) => {
    const two = await openTwo(t, chromium, site)
    const before = door.count('POST /api/auth/sign-out')
    const hold = door.hold('/_gateway/token')
    await two.b.run('start("refreshing", gw.refresh())')
    await hold.arrived
    await two.a.run('gw.logout()')
    t.equal(door.count('POST /api/auth/sign-out') - before, 1)
    await until('the other tab knows', async () => (await two.b.run('gw.session.current')) === null)
    hold.release()
    await checkSignedOut(t, two)
  })

  t.test('a refresh that extends the session does not bring it back', async (t) => {
    const two = await openTwo(t, chromium, site)
    site.gateway.clock.offsetMs += 25 * hour
    const hold = door.hold('/_gateway/token', 'answer')
    await two.a.run('start("refreshing", gw.refresh())')
    await hold.arrived
    await two.b.run('start("leaving", gw.logout())')
    hold.release()
    await two.b.run('leaving')
    await checkSignedOut(t, two)
  })

  t.test('what begins while signing out is under way gets no token either', async (t) => {
    const two = await openTwo(t, chromium, site)
    const hold = door.hold('/api/auth/sign-out')
    await two.a.run('start("leaving", gw.logout())')
    await hold.arrived
    const before = door.count('POST /_gateway/token')
    await two.b.run('start("late", gw.refresh())')
    const asks = until(
      'a token is asked for',
      () => door.count('POST /_gateway/token') > before,
      500,
    )
    await t.rejects(asks, 'not before it is known how that ends')
    hold.release()
    await two.a.run('leaving')
    t.equal(await two.b.run('late'), false)
    await checkSignedOut(t, two)
  })

  t.test('everybody may sign out at once, as after a time of nothing', async (t) => {
    const two = await openTwo(t, chromium, site)
    const leaving = [
      two.a.run('Promise.all([gw.logout(), gw.logout()]).then(() => "out")'),
      two.b.run('gw.logout().then(() => "out")'),
    ]
    t.same(await Promise.all(leaving), ['out', 'out'])
    await checkSignedOut(t, two)
  })

  t.test('a sign-out of which no answer comes back is found out', async (t) => {
    const two = await openTwo(t, chromium, site)
    const hold = door.hold('/api/auth/sign-out', 'answer')
    await two.a.run('start("leaving", gw.logout())')
    await hold.arrived
    door.cut()
    hold.release()
    await two.a.run('leaving.catch(() => null)')
    await checkSignedOut(t, two)
  })
}
