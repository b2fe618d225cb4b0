import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { markedBlock } from '../../docs/pages.ts'
import type { Modules } from '../recipes/bundle.ts'
import { startPages } from '../recipes/site.ts'
import { name, newcomer, password, until, visitor } from '../recipes/visitor.ts'
import { clientPage, run, signIn, stateOf } from './pages.ts'

const chromium = await launchChromium(t)

const kit = (options: string): Modules => ({
  'page.tsx': `
    import { createGatewayClient } from 'sallyport/client'
    const codes: string[] = []
    const onEvent = (event: { type: string, code?: string }) => { if (event.code) codes.push(event.code) }
    Object.assign(globalThis, { gw: createGatewayClient({ onEvent, ${options} }), codes })`,
})

/** Both on one page, as docs/browser.md puts them together. */
const both: Modules = {
  'gateway.ts': markedBlock('docs/browser.md', 'cookie'),
  'auth.ts': markedBlock('docs/browser.md', 'auth'),
  'page.tsx': `
    import { auth } from './auth'
    import { gw } from './gateway'
    const states: string[] = []
    auth.useSession.subscribe(({ data, isPending }) => {
      states.push(isPending ? 'pending' : (data?.user.name ?? 'nobody'))
    })
    Object.assign(globalThis, { auth, gw, states })`,
}

const whoIs = 'gw.session.current?.user.name ?? gw.session.current'

if (chromium !== null) {
  const site = await startPages(t, {
    auth: clientPage,
    kit: kit(''),
    staying: kit("signedOut: 'stay'"),
    bearer: kit("signedOut: 'stay', mode: 'bearer'"),
    both,
  })

  t.test('its sign-out in one tab reaches the kit in the others', async (t) => {
    const { open } = await visitor(t, chromium, site)
    const here = await open('/auth')
    const leaving = await open('/kit?page=2')
    const staying = await open('/staying')
    for (const page of [leaving, staying]) {
      t.equal(await until(page, whoIs, (who) => who === name), name)
    }
    const left = leaving.waitForURL((url) => url.pathname === '/_gateway/login')
    await run(here, 'auth.signOut()')
    await left
    t.equal(new URL(leaving.url()).searchParams.get('return_to'), '/kit?page=2')
    t.equal(await until(staying, whoIs, (who) => who === null), null)
    t.strictSame(await staying.evaluate('codes'), ['session_revoked'])
    t.equal(staying.url(), `${site.origin}/staying`)
  })

  t.test('its sign-in is known to the kit with the next page', async (t) => {
    const { open } = await newcomer(t, chromium, site)
    const { email } = await visitor(t, chromium, site)
    const here = await open('/auth')
    const page = await open('/staying')
    t.equal(await until(page, whoIs, (who) => who === null), null)
    t.match(await signIn(here, email, password), { error: null })
    await page.reload()
    t.equal(await until(page, whoIs, (who) => who === name), name)
  })

  for (const path of ['/staying', '/bearer']) {
    t.test(`a session that it revokes ends for the kit on that device: ${path}`, async (t) => {
      const { open, email } = await visitor(t, chromium, site)
      const device = await newcomer(t, chromium, site)
      await signIn(await device.open('/auth'), email, password)
      const page = await device.open(path)
      t.equal(await until(page, whoIs, (who) => who === name), name)
      await run(await open('/auth'), 'auth.revokeOtherSessions()')
      t.equal(await until(page, whoIs, (who) => who === null), null)
      t.strictSame(await page.evaluate('codes'), ['session_revoked'])
      t.equal(page.url(), site.origin + path)
    })
  }

  t.test('side by side on a page, each hears at once what the other does', async (t) => {
    const { open, complaints } = await newcomer(t, chromium, site)
    const { email } = await visitor(t, chromium, site)
    const page = await open('/both')
    t.equal(await stateOf(page, 'nobody'), 'nobody')
    t.equal(await until(page, whoIs, (who) => who === null), null)
    t.match(await signIn(page, email, password), { error: null })
    t.equal(await until(page, whoIs, (who) => who === name), name)
    t.equal(await stateOf(page, name), name)
    t.match(await run(page, "auth.updateUser({ name: 'Grace Hopper' })"), { error: null })
    t.equal(await until(page, whoIs, (who) => who === 'Grace Hopper'), 'Grace Hopper')
    await run(page, 'gw.logout()')
    t.equal(await stateOf(page, 'nobody'), 'nobody')
    t.equal(page.url(), `${site.origin}/both`, 'who signs out is not asked to sign in')
    t.strictSame(complaints, [])
  })
}
