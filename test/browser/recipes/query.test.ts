import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { query } from './recipes.ts'
import { echo, startRecipes } from './site.ts'
import { call, password, proveRecipe, visitor } from './visitor.ts'

const chromium = await launchChromium(t)

const routes = `
  - { name: limited, match: { path: /api/limited }, upstream: api, rateLimit: { requests: 1, per: 1m } }
  - { name: admin, match: { path: /api/admin }, upstream: api, auth: { roles: [admin] } }`

if (chromium !== null) {
  let cuts = 0
  const site = await startRecipes(t, [query], {
    routes,
    answer: (request, response, body) => {
      if (request.url === '/api/missing') response.writeHead(404, 'Not Found').end()
      else if (request.url === '/api/cut' && cuts++ === 0) response.destroy()
      else echo(request, response, body)
    },
  })

  proveRecipe(t, chromium, site, 'query')

  for (const { path, shown } of [
    {
      path: '/api/admin',
      shown: 'error 1 role_missing This resource needs a role that you do not have.',
    },
    { path: '/api/missing', shown: 'error 1 404 Not Found' },
  ]) {
    t.test(`what stays refused is not asked for again: ${path}`, async (t) => {
      const { open, requested } = await visitor(t, chromium, site)
      const page = await open(`/query-cookie#${path}`)
      await page.getByText(shown, { exact: true }).waitFor()
      t.equal(requested.filter((line) => line === `GET ${path}`).length, 1)
    })
  }

  t.test('an application that fails for a moment is asked again', async (t) => {
    const { open, requested } = await visitor(t, chromium, site)
    const page = await open('/query-cookie#/api/cut')
    await page.getByText('success 0', { exact: true }).waitFor()
    t.equal(requested.filter((line) => line === 'GET /api/cut').length, 2)
  })

  t.test('a limit is waited for as long as it says', async (t) => {
    const { open, requested } = await visitor(t, chromium, site)
    const page = await open('/query-cookie')
    await call(page, '/api/limited')
    await page.clock.install()
    const refused = page.waitForResponse((response) => response.status() === 429)
    await page.goto(`${site.origin}/query-cookie?again#/api/limited`)
    const seconds = Number((await refused).headers()['retry-after'])
    await page.getByText('pending 1', { exact: true }).waitFor()
    const count = (): number => requested.filter((line) => line === 'GET /api/limited').length
    site.gateway.clock.offsetMs += 60_000
    await page.clock.runFor((seconds - 10) * 1000)
    await page.evaluate('0')
    t.equal(count(), 2, 'not yet')
    await page.clock.runFor(10_000)
    await page.getByText('success 0', { exact: true }).waitFor()
    t.equal(count(), 3)
  })

  t.test('what one user has loaded is gone when another signs in', async (t) => {
    const other = await visitor(t, chromium, site)
    const { open, context } = await visitor(t, chromium, site)
    const page = await open('/query-cookie')
    await call(page, '/api/todos')
    await page.evaluate('gw.session.reload()')
    t.equal(await page.evaluate('remembered()'), 2)
    const answer = await context.request.post(`${site.origin}/api/auth/sign-in/email`, {
      data: { email: other.email, password },
      headers: { origin: site.origin },
    })
    t.ok(answer.ok())
    await page.evaluate('gw.session.reload()')
    t.equal(await page.evaluate('remembered()'), 0)
  })
}
