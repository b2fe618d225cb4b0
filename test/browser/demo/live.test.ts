import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { until } from '../kit/site/tabs.ts'
import { startDemo } from './site.ts'
import { addTodo, badges, newPerson, openBoard, part, say, whenBadges } from './visitor.ts'

const chromium = await launchChromium(t)
const demo = chromium === null ? null : await startDemo(t)

if (chromium !== null && demo !== null) {
  t.test('what happens in one tab is in the other, feed and list', async (t) => {
    const ada = await newPerson(t, chromium, demo, 'Ada')
    const a = await openBoard(ada)
    const b = await openBoard(ada)
    await addTodo(a, 'Water the plants')
    await part(b, 'Todos').getByRole('checkbox', { name: 'Water the plants' }).click()
    await part(a, 'Todos').getByText('all done').waitFor()
    for (const page of [a, b]) {
      const feed = part(page, 'Live feed')
      await feed.getByText('done').waitFor()
      t.match(await feed.getByRole('listitem').allTextContents(), [
        /^doneWater the plants/,
        /^addedWater the plants/,
      ])
    }
    t.same(ada.complaints, [])
  })

  t.test('a feed that was cut takes up where it left off', async (t) => {
    const grace = await newPerson(t, chromium, demo, 'Grace')
    const page = await openBoard(grace)
    await addTodo(page, 'Before')
    const feed = part(page, 'Live feed')
    await feed.getByText('Before').waitFor()
    demo.door.shut()
    await whenBadges(page, 'reconnecting…')
    t.ok(await page.getByRole('button', { name: 'Send' }).isDisabled(), 'nothing can be lost')
    const cookie = (await grace.context.cookies()).map(({ name, value }) => `${name}=${value}`)
    await demo.gateway.request('/api/todos', {
      method: 'POST',
      headers: {
        host: new URL(demo.origin).host,
        origin: demo.origin,
        cookie: cookie.join('; '),
        'content-type': 'application/json',
      },
      body: '{"title":"Meanwhile"}',
    })
    demo.door.openAgain()
    await whenBadges(page, 'live')
    await feed.getByText('Meanwhile').waitFor()
    t.match(await feed.getByRole('listitem').allTextContents(), [/Meanwhile/, /Before/])
    await part(page, 'Todos').getByText('Meanwhile').waitFor()
    const last = demo.door.passed.findLast(({ path }) => path === '/api/events')
    t.match(last?.headers['last-event-id'], /^\d+$/)
  })

  t.test('two people talk, and each is who the gateway says', async (t) => {
    const alan = await openBoard(await newPerson(t, chromium, demo, 'Alan'))
    const joan = await openBoard(await newPerson(t, chromium, demo, 'Joan'))
    const chat = part(joan, 'Chat')
    await say(alan, 'Can machines think?')
    await chat.getByText('Can machines think?').waitFor()
    t.match(await chat.getByRole('listitem').last().textContent(), /^AlanCan machines think\?/)
    await say(joan, '<b>They can</b>')
    await part(alan, 'Chat').getByText('<b>They can</b>').waitFor()
    t.match(await chat.getByRole('listitem').last().textContent(), /^You<b>They can<\/b>/)
    t.match(await chat.locator('.people').textContent(), /Alan.*Joan/)

    await alan.close()
    await chat
      .locator('.people')
      .filter({ hasText: /^Here: Joan$/ })
      .waitFor()
    await joan.reload()
    await chat.getByText('Can machines think?').waitFor()
    t.pass('what was said is still there')
  })

  t.test('an application that goes away is said, and signs nobody out', async (t) => {
    const page = await openBoard(await newPerson(t, chromium, demo, 'Mary'))
    await demo.fastApi.stop()
    await whenBadges(page, 'reconnecting…')
    await page.reload()
    const todos = part(page, 'Todos')
    await todos.getByRole('status').getByText('Trying again…').waitFor()
    await until('both streams try again', () => demo.door.count('GET /api/chat') > 1)
    t.equal(await badges(page).feed.textContent(), 'reconnecting…')
    t.equal(page.url(), `${demo.origin}/`)
    t.ok(await page.getByRole('button', { name: 'Sign out', exact: true }).isVisible())
  })
}
