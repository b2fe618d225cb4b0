import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import { revokeFromElsewhere, signInElsewhere, until } from '../site/tabs.ts'
import { minute, openReader, startReader } from './reader.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('events arrive with their names, ids and lines', async (t) => {
    const { tab, feeds, told } = await openReader(t, chromium, site, 'feed()')
    await tab.run(`{
      window.news = []
      events.addEventListener('news', (event) => news.push([event.type, event.data, event.lastEventId]))
      events.onmessage = (event) => news.push(['onmessage', event.data, event.lastEventId])
    }`)
    const [feed] = feeds()
    feed?.send(': a comment', 'id: 1', 'data: one')
    feed?.send('event: news', 'id: 2', 'data: a', 'data:b', 'data: ü€')
    feed?.send('data: three')
    await until('all have arrived', async () => (await tab.run<number>('news.length')) === 3)
    t.same(await tab.run('news'), [
      ['onmessage', 'one', '1'],
      ['news', 'a\nb\nü€', '2'],
      ['onmessage', 'three', '2'],
    ])
    t.same(
      told('message').map(({ data }) => data),
      ['one', 'three'],
    )
    t.match(await tab.run('({ state: events.readyState, url: events.url })'), {
      state: 1,
      url: `${site.origin}/api/feed`,
    })
  })

  for (const mode of ['cookie', 'bearer']) {
    t.test(`a stream that is lost goes on after the last event, ${mode}`, async (t) => {
      const reader = await openReader(t, chromium, site, 'feed()', { mode })
      const { feeds, passUntil, told } = reader
      let times = 0
      for (const lose of ['end', 'destroy'] as const) {
        const id = `${lose} ü`
        feeds()[times]?.send(`id: ${id}`, 'data: before')
        await until('it has arrived', () => told('message').length === 2 * times + 1)
        feeds()[times]?.[lose]()
        times += 1
        await passUntil('it is back', () => told('open').length === times + 1)
        const asked = Buffer.from(feeds()[times]?.lastEventId ?? '', 'latin1').toString()
        t.equal(asked, id, 'with the id of the last event')
        t.match(told('error').at(-1), { state: 0 }, 'the loss is told as by an EventSource')
        feeds()[times]?.send('data: after')
        await until('the next event has arrived', () => told('message').length === 2 * times)
        t.match(told('message').at(-1), { data: 'after', id })
      }
      t.equal(told('error').length, 2)
      t.equal(told('end').length, 0)
    })
  }

  t.test('an outage is waited for, longer and longer', async (t) => {
    const { feeds, context, asked, told, passUntil, tab } = await openReader(
      t,
      chromium,
      site,
      'feed()',
    )
    feeds()[0]?.send('id: 1', 'data: one')
    await until('it has arrived', () => told('message').length === 1)
    const attempts = (): number => asked.filter(({ path }) => path === '/api/feed').length
    door.shut()
    const at: number[] = []
    for (let time = 0; time < 10 * minute; time += 1000) {
      const before = attempts()
      await context.clock.runFor(1000)
      // An attempt that fails at once is over before the next second.
      if (attempts() > before) at.push(time)
    }
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    t.ok(gaps.length >= 4, `it is tried again and again: ${gaps.join(' ')}`)
    t.ok((gaps.at(-1) ?? 0) >= 4 * (gaps[0] ?? Infinity), 'less and less often')
    t.ok(
      gaps.every((gap) => gap <= 2 * minute),
      'but at least every two minutes',
    )
    t.ok(at.length <= 50, `${String(at.length)} attempts in ten minutes`)
    t.not(await tab.run('gw.session.current'), null)
    door.openAgain()
    await passUntil('it is back', () => feeds().length === 2)
    t.equal(feeds()[1]?.lastEventId, '1')
    t.same(tab.told('failures'), [])
  })

  t.test('after an outage the wait is short again', async (t) => {
    const { feeds, context, asked, passUntil, told } = await openReader(t, chromium, site, 'feed()')
    door.shut()
    await context.clock.runFor(5 * minute)
    door.openAgain()
    await passUntil('it is back', () => told('open').length === 2)
    feeds()[1]?.send('data: one')
    await until('it is in use', () => told('message').length === 1)
    feeds()[1]?.end()
    await until('the loss is noticed', () => told('error').length >= 2)
    const before = asked.length
    await context.clock.runFor(10_000)
    await until('it asks within ten seconds', () => asked.length > before)
  })

  t.test('a token that has expired meanwhile is replaced', async (t) => {
    const { feeds, passUntil, told, tab } = await openReader(t, chromium, site, 'feed()', {
      mode: 'bearer',
    })
    const before = door.count('POST /_gateway/token')
    site.gateway.clock.offsetMs += 16 * minute
    feeds()[0]?.end()
    await passUntil('it is back', () => feeds().length === 2)
    t.equal(door.count('POST /_gateway/token') - before, 1)
    t.equal(told('end').length, 0)
    t.same(tab.told('logins'), [])
  })

  t.test('the end of the session ends it, and says so', async (t) => {
    const person = await openReader(t, chromium, site, 'feed()', { signedOut: 'stay' })
    const elsewhere = await signInElsewhere(person)
    const { tab, told, context, feeds } = person
    await revokeFromElsewhere(person, elsewhere)
    await until('it ends', () => told('end').length === 1)
    t.same(told('end'), [{ name: 'events', type: 'end', code: 'session_revoked', state: 2 }])
    t.same(tab.told('events').filter(({ type }) => type === 'signed-out').length, 1)
    await context.clock.runFor(10 * minute)
    t.equal(feeds().length, 1, 'and it does not come back')
    t.equal(told('end').length, 1)
  })

  t.test('what is no stream is the end', async (t) => {
    const { tab, told, context } = await startReader(t, chromium, site, 'undefined')
    let ends = 0
    for (const [path, code] of [
      ['/api/admin', 'role_missing'],
      ['/api/own/403', null],
      ['/api/own/404', null],
      ['/api/own/204', null],
      ['/api/echo', null],
    ] as const) {
      await tab.run(`feed('${path}')`)
      ends += 1
      await until('it ends', () => told('end').length === ends)
      t.match(told('end').at(-1), { code, state: 2 }, path)
    }
    const before = door.passed.length
    await context.clock.runFor(10 * minute)
    t.equal(door.passed.length, before, 'and none of them is asked for again')
    t.same(tab.told('logins'), [])
  })

  t.test('nobody signed in: it ends, and somebody is asked to sign in once', async (t) => {
    const options = { isSignedOut: true }
    const { tab, told, context } = await startReader(t, chromium, site, 'feed()', options)
    await until('it ends', () => told('end').length === 1)
    t.match(told('end'), [{ code: 'credential_missing', state: 2 }])
    await context.clock.runFor(10 * minute)
    t.equal(tab.told('logins').length, 1)
    t.ok(door.count('GET /api/feed') > 0)
  })

  t.test('closing it, or the client, is the end', async (t) => {
    for (const close of ['events.close()', 'gw.close()']) {
      const { tab, feeds, told, context } = await openReader(t, chromium, site, 'feed()')
      await tab.run(close)
      await until('the application is left', () => door.open('GET /api/feed') === 0)
      t.equal(await tab.run('events.readyState'), 2)
      await context.clock.runFor(10 * minute)
      t.equal(feeds().length, 1, close)
      t.equal(told('message').length, 0)
    }
  })

  t.test('headers of its own go along', async (t) => {
    const call = `feed('/api/feed', { headers: { 'x-mine': '1' } })`
    const { feeds, passUntil } = await openReader(t, chromium, site, call)
    t.equal(feeds()[0]?.headers['x-mine'], '1')
    t.equal(feeds()[0]?.headers.accept, 'text/event-stream')
    feeds()[0]?.end()
    await passUntil('it is back', () => feeds().length === 2)
    t.equal(feeds()[1]?.headers['x-mine'], '1')
  })
}
