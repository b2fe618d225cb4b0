import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import { newPerson, openTab, until, type Outcome, type Tab } from '../site/tabs.ts'

const chromium = await launchChromium(t)
const minute = 60_000

interface Stranger {
  readonly origin: string
  readonly seen: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingHttpHeaders
  }[]
}

/** Another site that lets everybody read what it says, and says what the gateway would. */
async function startStranger(t: Test): Promise<Stranger> {
  const seen: Stranger['seen'] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers })
    response.writeHead(401, {
      'content-type': 'application/problem+json',
      'x-sallyport-code': 'token_expired',
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      'access-control-allow-headers': '*',
    })
    response.end(
      JSON.stringify({
        code: 'token_expired',
        action: 'refresh',
        refresh: '/_gateway/token',
        login: 'https://elsewhere.example/',
      }),
    )
  })
  const webSockets = new WebSocketServer({ server })
  webSockets.on('connection', (socket, { url, headers }) => {
    seen.push({ method: 'WebSocket', url: url ?? '', headers })
    socket.close(3000, 'session_revoked')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    webSockets.close()
    server.closeAllConnections()
    server.close()
  })
  // Cookies do not know ports, and so another port of the same host would be sent ours whatever a page does.
  return { origin: `http://localhost:${String((server.address() as AddressInfo).port)}`, seen }
}

/** Whatever outlives a page or can be read by another one. */
const kept = `(async () => {
  const databases = await indexedDB.databases()
  const caches = await globalThis.caches.keys()
  const store = (storage) => JSON.stringify(Object.entries(storage))
  const window = JSON.stringify([location.href, document.cookie, history.state, name, document.documentElement.outerHTML])
  return [store(localStorage), store(sessionStorage), JSON.stringify(databases), JSON.stringify(caches), window].join(' ')
})()`

async function checkKept(t: Test, tab: Tab, token: string): Promise<void> {
  const all = await tab.run<string>(kept)
  t.notOk(all.includes(token), 'the token is in nothing that is kept')
  t.notOk(all.includes(token.split('.')[2] ?? '.'), 'and neither is its signature')
}

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('another origin is sent nothing of ours, and its refusals are its own', async (t) => {
    const stranger = await startStranger(t)
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true })
    await tab.run('gw.token()')
    const before = door.count('POST /_gateway/')
    for (const call of [
      `call('${stranger.origin}/a')`,
      `call(new URL('${stranger.origin}/a'))`,
      `call(new Request('${stranger.origin}/a'))`,
      `call('${stranger.origin}/a', { method: 'POST', body: 'x' })`,
    ]) {
      const outcome = await tab.run<Outcome>(call)
      t.equal(outcome.status, 401, call)
      t.equal(outcome.code, 'token_expired', 'it can be read')
      t.match(JSON.parse(outcome.body), { action: 'refresh' })
    }
    t.equal(stranger.seen.length, 4, 'one request each, and no preflight')
    t.ok(stranger.seen.every(({ headers }) => headers.authorization === undefined))
    t.ok(stranger.seen.every(({ headers }) => headers.cookie === undefined))
    t.equal(door.count('POST /_gateway/'), before, 'no refresh')
    t.same(tab.told('logins'), [])
    t.not(await tab.run('gw.session.current'), null)
  })

  t.test('nor is it by streams', async (t) => {
    const stranger = await startStranger(t)
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true })
    await tab.run('gw.token()')
    const before = door.count('POST /_gateway/')
    for (const open of [
      `feed('${stranger.origin}/feed')`,
      `socket('${stranger.origin.replace('http', 'ws')}/ws')`,
      `feed(new URL('${stranger.origin}/feed'))`,
    ]) {
      const refusal = `(() => { try { ${open} } catch (error) { return error.name } })()`
      t.equal(await tab.run(refusal), 'TypeError', open)
    }
    t.same(stranger.seen, [], 'it is not even asked')
    t.equal(door.count('POST /_gateway/'), before, 'no refresh and no ticket')
    t.same(tab.told('logins'), [])
    await tab.run('gw.close()')
  })

  t.test('a token is in memory alone, whatever happens', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer' }, '/app?a=1#b')
    const first = await tab.run<string>('gw.token()')
    t.equal(first.split('.').length, 3)
    await checkKept(t, tab, first)
    site.gateway.clock.offsetMs += 16 * minute
    const other = await openTab(person, { mode: 'bearer', signedOut: 'stay' })
    t.ok((await tab.run<Outcome[]>('burst(5)')).every(({ status }) => status === 200))
    const second = await tab.run<string>('gw.token()')
    t.not(second, first)
    for (const each of [tab, other]) {
      await checkKept(t, each, first)
      await checkKept(t, each, second)
    }
    await tab.run('feed()')
    await tab.run('socket()')
    await until('streams are open', () => site.feeds.length > 0 && site.sockets.length > 0)
    t.same(
      door.passed.filter(({ path }) => path.includes(second) || path.includes(first)),
      [],
      'it is in no address',
    )
    await tab.run('gw.logout()')
    await checkKept(t, other, second)
  })

  t.test('by default no token reaches the page at all', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person)
    const before = door.passed.length
    t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200)
    await tab.run('feed()')
    await tab.run('socket()')
    await until('streams are open', () => site.feeds.length > 1 && site.sockets.length > 1)
    const requests = door.passed.slice(before)
    t.same(
      requests.filter(({ path }) => path === '/_gateway/token'),
      [],
    )
    t.ok(requests.every(({ headers }) => headers.authorization === undefined))
    t.ok(requests.some(({ headers }) => headers.cookie !== undefined))
  })

  t.test('a header of the page is its own', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true })
    await tab.run('gw.token()')
    const own = 'Bearer of.its.own'
    const before = door.passed.length
    await tab.run(`call('/open/echo', { headers: { authorization: '${own}' } })`)
    t.ok(door.passed.slice(before).some(({ headers }) => headers.authorization === own))
  })
}
