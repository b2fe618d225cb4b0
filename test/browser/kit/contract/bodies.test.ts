import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import type { Echo } from '../site/backend.ts'
import { startSite } from '../site/index.ts'
import { newPerson, openTab, until, type Outcome } from '../site/tabs.ts'

const chromium = await launchChromium(t)
const minute = 60_000

const bodies = [
  ['a string', '"one"', /^one$/, /^text\/plain/],
  ['JSON', 'JSON.stringify({ a: 1 })', /^\{"a":1\}$/, /^text\/plain/],
  ['bytes', 'new Uint8Array([111, 110, 101])', /^one$/, /^$/],
  ['a Blob', 'new Blob(["one"], { type: "text/x-one" })', /^one$/, /^text\/x-one$/],
  ['a form', 'new URLSearchParams({ a: "1" })', /^a=1$/, /^application\/x-www-form-urlencoded/],
  [
    'a form with a file',
    '(() => { const form = new FormData(); form.set("file", new File(["one"], "one.txt")); return form })()',
    /name="file"; filename="one.txt"[^]*one/,
    /^multipart\/form-data; boundary=/,
  ],
] as const

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('what is sent again has its body', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer' })
    await tab.run('gw.token()')
    for (const [what, body, expected, type] of bodies) {
      site.gateway.clock.offsetMs += 16 * minute
      const before = door.count('POST /api/echo')
      const outcome = await tab.run<Outcome>(`call('/api/echo', { method: 'POST', body: ${body} })`)
      t.equal(door.count('POST /api/echo') - before, 2, `${what} was sent twice`)
      const echo = JSON.parse(outcome.body) as Echo
      t.match(echo, { method: 'POST', userId: person.id, body: expected }, what)
      t.match(echo.type ?? '', type)
    }
  })

  t.test('a Request has too, and what was said about it', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer' })
    await tab.run('gw.token()')
    for (const call of [
      `call(new Request('/api/echo', { method: 'PUT', body: 'one', headers: { 'x-mine': '1', 'content-type': 'text/x-one' } }))`,
      `call(new Request('/api/echo', { method: 'POST', body: 'other' }), { method: 'PUT', body: 'one', headers: { 'x-mine': '1', 'content-type': 'text/x-one' } })`,
      `call(new URL('/api/echo', location.href), { method: 'PUT', body: 'one', headers: new Headers([['X-Mine', '1'], ['Content-Type', 'text/x-one']]) })`,
      `call('/api/echo', { method: 'PUT', body: 'one', headers: [['x-mine', '1'], ['content-type', 'text/x-one']] })`,
    ]) {
      site.gateway.clock.offsetMs += 16 * minute
      const before = door.count('PUT /api/echo')
      const outcome = await tab.run<Outcome>(call)
      const both = door.passed.filter(({ method }) => method === 'PUT').slice(before)
      t.equal(both.length, 2)
      t.ok(both.every(({ headers }) => headers['x-mine'] === '1'))
      t.match(JSON.parse(outcome.body), { method: 'PUT', body: 'one', type: 'text/x-one' })
    }
  })

  t.test('a body that streams is sent once: what has been read is gone', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer' })
    await tab.run('gw.token()')
    // Browsers stream over HTTP/2 alone, so nothing but the page sees these.
    let asked = 0
    await person.context.route('**/api/streamed', (route) => {
      asked += 1
      return route.fulfill({
        status: 401,
        headers: {
          'content-type': 'application/problem+json',
          'x-sallyport-code': 'token_expired',
        },
        body: JSON.stringify({
          code: 'token_expired',
          action: 'refresh',
          refresh: '/_gateway/token',
        }),
      })
    })
    const outcome = await tab.run<Outcome>(
      `call('/api/streamed', { method: 'POST', body: new Blob(['one']).stream(), duplex: 'half' })`,
    )
    t.equal(outcome.status, 401)
    t.equal(outcome.code, 'token_expired')
    t.match(JSON.parse(outcome.body), { action: 'refresh' }, 'the answer can be read')
    t.equal(asked, 1)
  })

  t.test('a call can be given up while its token is fetched; the others go on', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer' })
    await tab.run('gw.token()')
    site.gateway.clock.offsetMs += 16 * minute
    const hold = door.hold('/_gateway/token')
    await tab.run('window.aborter = new AbortController(), undefined')
    const before = door.count('GET /api/echo')
    await tab.run('start("given", call("/api/echo", { signal: aborter.signal }))')
    await tab.run('start("asRequest", call(new Request("/api/echo", { signal: aborter.signal })))')
    await tab.run('start("kept", burst(3))')
    await hold.arrived
    await tab.run('aborter.abort()')
    t.match(await tab.run('given'), { status: 0, body: /^AbortError/ }, 'at once')
    t.match(await tab.run('asRequest'), { status: 0, body: /^AbortError/ })
    hold.release()
    const kept = await tab.run<Outcome[]>('kept')
    t.ok(kept.every(({ status }) => status === 200))
    t.equal(door.count('GET /api/echo') - before, 5 + 3, 'what was given up is not sent again')
    t.match(
      await tab.run('call("/api/echo", { signal: AbortSignal.abort(new TypeError("mine")) })'),
      {
        status: 0,
        body: 'TypeError: mine',
      },
    )
    t.same(tab.told('failures'), [])
  })

  t.test('the answer is the one of fetch', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person)
    t.match(
      await tab.run(`(async () => {
        const { fetch } = gw
        const answer = await fetch('/api/echo')
        return { isResponse: answer instanceof Response, url: answer.url, type: answer.type, used: answer.bodyUsed }
      })()`),
      { isResponse: true, url: `${site.origin}/api/echo`, type: 'basic', used: false },
    )
    t.match(await tab.run('call("http://[")'), { status: 0, body: /^TypeError/ })
    t.match(await tab.run('call("/api/echo", { method: "GET", body: "x" })'), {
      status: 0,
      body: /^TypeError/,
    })
    await person.context.setOffline(true)
    t.match(await tab.run('call("/api/echo")'), { status: 0, body: /^TypeError/ })
    await person.context.setOffline(false)
    await until(
      'it works again',
      async () => (await tab.run<Outcome>('call("/api/echo")')).status === 200,
    )
    t.same(tab.told('failures'), [])
  })

  t.test('a client that is closed at once, or amid things, is no trouble', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer' })
    const other = await openTab(person, { mode: 'bearer' })
    await tab.run('gw.token()')
    await tab.run(`import('/kit.js').then(({ createGatewayClient }) => {
      for (const mode of ['cookie', 'bearer']) createGatewayClient({ mode }).close()
    })`)
    site.gateway.clock.offsetMs += 16 * minute
    const hold = door.hold('/_gateway/token')
    await tab.run('start("calling", call("/api/echo"))')
    await hold.arrived
    await tab.run('gw.close()')
    hold.release()
    t.match(await tab.run('calling'), { status: /^(?:0|200|401)$/ }, 'there is an answer')
    const outcome = await other.run<Outcome>('call("/api/echo")')
    t.equal(outcome.status, 200, 'and the other tab goes on')
    t.same([...tab.told('failures'), ...other.told('failures')], [])
  })
}
