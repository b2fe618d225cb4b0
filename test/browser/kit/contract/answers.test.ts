import type { ServerResponse } from 'node:http'
import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { lookAlike } from '../site/backend.ts'
import { startSite } from '../site/index.ts'
import { newPerson, openTab, until, type Outcome } from '../site/tabs.ts'

const chromium = await launchChromium(t)
const minute = 60_000

/** Says what the gateway says, with its header. */
function refuse(response: ServerResponse, status: number, code: string, action: string): void {
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'x-sallyport-code': code,
    ...(status === 503 ? { 'retry-after': '1' } : {}),
  })
  const links = action === 'none' || action === 'retry' ? {} : { login: '/_gateway/login' }
  const refresh = action === 'refresh' ? { refresh: '/_gateway/token' } : {}
  response.end(JSON.stringify({ ...lookAlike, ...links, ...refresh, status, code, action }))
}

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  for (const mode of ['cookie', 'bearer']) {
    t.test(`an application's own refusals pass as they are, ${mode}`, async (t) => {
      const person = await newPerson(t, chromium, site)
      const tab = await openTab(person, { mode, callback: true })
      await tab.run('gw.token()')
      const before = door.count('POST /_gateway/token')
      for (const path of ['/open/own/401', '/open/own/403', '/api/own/403', '/api/own/503']) {
        const asked = door.count(`GET ${path}`)
        const outcome = await tab.run<Outcome>(`call(${JSON.stringify(path)})`)
        t.equal(outcome.status, Number(path.slice(-3)), path)
        t.equal(outcome.code, null)
        t.same(JSON.parse(outcome.body), lookAlike, 'its body can be read')
        t.equal(door.count(`GET ${path}`) - asked, 1, 'asked once')
      }
      t.equal(door.count('POST /_gateway/token'), before, 'no refresh')
      t.same(tab.told('logins'), [])
      t.not(await tab.run('gw.session.current'), null)
      t.equal(tab.page.url(), `${site.origin}/app`)
    })
  }

  t.test('a refusal that nothing helps against is returned', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true })
    await tab.run('gw.token()')
    await tab.run('call("/api/limited")')
    const refusals = [
      ['/api/cookie-only', 401, 'token_not_accepted'],
      ['/api/admin', 403, 'role_missing'],
      ['/api/limited', 429, 'rate_limited'],
      ['/api/own/401', 401, 'upstream_unauthorized'],
    ] as const
    const before = door.count('POST /_gateway/token')
    for (const [path, status, code] of refusals) {
      const asked = door.count(`GET ${path}`)
      const outcome = await tab.run<Outcome>(`call(${JSON.stringify(path)})`)
      t.equal(outcome.status, status, path)
      t.equal(outcome.code, code)
      t.equal((JSON.parse(outcome.body) as { code: string }).code, code, 'its body can be read')
      t.equal(door.count(`GET ${path}`) - asked, 1, 'asked once')
    }
    t.equal(door.count('POST /_gateway/token'), before)
    t.same(tab.told('logins'), [])
    t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200, 'nobody is signed out')
  })

  t.test('a refusal of a moment signs nobody out', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { callback: true })
    await until('the tab knows', () => tab.told('sessions').at(-1) !== null)
    const refusals = [
      [403, 'user_banned', 'none'],
      [503, 'session_store_unavailable', 'retry'],
      [502, 'upstream_unreachable', 'retry'],
      [504, 'upstream_timeout', 'retry'],
      [500, 'internal_error', 'none'],
    ] as const
    for (const [status, code, action] of refusals) {
      const end = door.rule('/api/echo', ({ response }) => {
        refuse(response, status, code, action)
      })
      const outcome = await tab.run<Outcome>('call("/api/echo", { method: "POST", body: "x" })')
      end()
      t.equal(outcome.status, status)
      t.equal(outcome.code, code)
    }
    t.equal(door.count('POST /api/echo'), refusals.length, 'nothing was sent twice')
    t.not(await tab.run('gw.session.current'), null)
    t.same(tab.told('logins'), [])
    const end = door.rule('/_gateway/session', ({ response }) => {
      refuse(response, 503, 'session_store_unavailable', 'retry')
    })
    t.not(await tab.run('gw.session.reload()'), null, 'a failure changes nothing')
    end()
    t.same(tab.told('failures'), [])
  })

  t.test('what cannot be known is told apart from the end of the session', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true }, '/app')
    await tab.run('gw.token()')
    const end = door.rule('/_gateway/token', ({ response }) => {
      refuse(response, 503, 'session_store_unavailable', 'retry')
    })
    t.equal(await tab.run('gw.refresh().catch((error) => error.name)'), 'TypeError')
    end()
    t.ok(tab.told('events').some(({ type }) => type === 'refresh-failed'))
    t.not(await tab.run('gw.session.current'), null)
    t.same(tab.told('logins'), [])
    t.equal(await tab.run('gw.refresh()'), true)
    t.ok(tab.told('events').some(({ type, here }) => type === 'refreshed' && here === true))
  })

  t.test('a gateway that finds every token expired is asked twice, not for ever', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true })
    await tab.run('gw.token()')
    const end = door.rule('/api/echo', ({ response }) => {
      refuse(response, 401, 'token_expired', 'refresh')
    })
    const asked = door.count('GET /api/echo')
    const refreshed = door.count('POST /_gateway/token')
    const outcomes = await tab.run<Outcome[]>('burst(20)')
    t.ok(outcomes.every(({ status, code }) => status === 401 && code === 'token_expired'))
    t.equal(door.count('GET /api/echo') - asked, 40, 'each once more')
    t.equal(door.count('POST /_gateway/token') - refreshed, 1)
    end()
    t.same(tab.told('logins'), [])
    t.same(tab.told('failures'), [])
  })

  t.test('a token endpoint that never helps is not asked for ever either', async (t) => {
    const person = await newPerson(t, chromium, site)
    const tab = await openTab(person, { mode: 'bearer', callback: true })
    await tab.run('gw.token()')
    const end = door.rule('/_gateway/token', ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<h1>A proxy that knows better</h1>')
    })
    site.gateway.clock.offsetMs += 16 * minute
    const asked = door.count('POST /_gateway/token')
    const outcomes = await tab.run<Outcome[]>('burst(20)')
    t.ok(outcomes.every(({ status }) => status === 401 || status === 0))
    t.ok(door.count('POST /_gateway/token') - asked <= 5, 'a handful of times')
    end()
    t.same(tab.told('logins'), [], 'nobody is signed out by a page of a proxy')
    t.equal((await tab.run<Outcome>('call("/api/echo")')).status, 200, 'and it works again')
    t.same(tab.told('failures'), [])
  })
}
