import type { Page } from 'playwright-core'
import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { fillSignIn, password } from '../visit.ts'
import { startDemo } from './site.ts'
import { badges, newDevice, newPerson, openBoard, part, whenBadges } from './visitor.ts'

const chromium = await launchChromium(t)
const demo = chromium === null ? null : await startDemo(t)

/** Waits until the badges of a page say so and keeps what they said, even when the page leaves at once. */
async function recordBadges(page: Page): Promise<{ readonly said: Set<string> }> {
  const said = new Set<string>()
  await page.exposeFunction('saidByBadge', (text: string) => {
    said.add(text)
  })
  await page.evaluate(`new MutationObserver(() => {
    for (const badge of document.querySelectorAll('.badge')) saidByBadge(badge.textContent)
  }).observe(document.body, { subtree: true, childList: true, characterData: true })`)
  return { said }
}

if (chromium !== null && demo !== null) {
  t.test('signing out everywhere ends every page of the person, with the reason', async (t) => {
    const ada = await newPerson(t, chromium, demo, 'Ada')
    const elsewhere = await newDevice(t, chromium, ada)
    const a = await openBoard(ada)
    const b = await openBoard(ada, '?mode=bearer')
    const { said } = await recordBadges(b)
    const c = await openBoard(elsewhere, '?end=stay')
    await a.getByRole('button', { name: 'Sign out everywhere' }).click()

    await a.getByRole('heading', { name: 'Todos and a chat' }).waitFor()
    t.equal(a.url(), `${demo.origin}/`, 'whoever signs out is where they want to be')

    await b.waitForURL('**/_gateway/login?**')
    t.equal(new URL(b.url()).searchParams.get('return_to'), '/?mode=bearer')
    t.ok(said.has('ended: session_revoked'), [...said].join(', '))

    await whenBadges(c, 'ended: session_revoked')
    const alert = c.getByRole('alert')
    t.match(await alert.textContent(), 'This session was revoked')
    t.ok(await c.getByRole('textbox', { name: 'New todo' }).isDisabled())
    const again = await alert.getByRole('link', { name: 'Sign in again' }).getAttribute('href')
    t.equal(again, '/_gateway/login?return_to=%2F%3Fend%3Dstay')

    await fillSignIn(b, ada.email, password)
    await b.getByRole('button', { name: 'Sign in', exact: true }).click()
    await b.waitForURL(`${demo.origin}/?mode=bearer`)
    await whenBadges(b, 'live')
    await whenBadges(a, 'live')
    t.pass('signing in again reaches the other tab')
  })

  t.test('a session that is revoked in the list ends where it is, and nowhere else', async (t) => {
    const grace = await newPerson(t, chromium, demo, 'Grace')
    const elsewhere = await newDevice(t, chromium, grace)
    const there = await openBoard(elsewhere, '?end=stay')
    const here = await openBoard(grace)
    const list = part(here, 'Sessions').getByRole('listitem')
    const other = list.filter({ hasNotText: 'this one' })
    await list.filter({ hasText: 'this one' }).waitFor()
    t.equal(await other.count(), 1)
    await other.getByRole('button', { name: /^Revoke Chrome on Linux/ }).click()
    await whenBadges(there, 'ended: session_revoked')
    await other.waitFor({ state: 'detached' })
    t.equal(await list.count(), 1)
    const { feed, chat } = badges(here)
    t.equal(await feed.textContent(), 'live')
    t.equal(await chat.textContent(), 'live')
    t.same(grace.complaints, [])
  })

  t.test('signing out here is told to the other tabs, and to nobody else', async (t) => {
    const joan = await newPerson(t, chromium, demo, 'Joan')
    const elsewhere = await openBoard(await newDevice(t, chromium, joan))
    const a = await openBoard(joan)
    const b = await openBoard(joan, '?end=stay')
    await a.getByRole('button', { name: 'Sign out', exact: true }).click()
    await a.getByRole('heading', { name: 'Todos and a chat' }).waitFor()
    await b.getByRole('alert').waitFor()
    await whenBadges(b, 'ended')
    t.equal(await badges(elsewhere).chat.textContent(), 'live')
  })
}
