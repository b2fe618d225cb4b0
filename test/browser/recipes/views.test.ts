import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { views } from './recipes.ts'
import { startRecipes } from './site.ts'
import { call, name, newcomer, proveRecipe, visitor } from './visitor.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  const site = await startRecipes(t, views)
  for (const { mark } of views) {
    proveRecipe(t, chromium, site, mark)

    t.test(`${mark}: shows who is signed in, and that they have signed out`, async (t) => {
      const { open, complaints, context } = await visitor(t, chromium, site)
      const page = await open(`/${mark}-cookie`)
      await page.getByRole('button', { name: `Sign out ${name}` }).click()
      await page.getByRole('link', { name: 'Sign in' }).waitFor()
      const answer = await context.request.get(`${site.origin}/_gateway/session`)
      t.strictSame(await answer.json(), { authenticated: false })
      t.strictSame(complaints, [])
    })

    t.test(`${mark}: shows that nobody is signed in`, async (t) => {
      const { open, complaints } = await newcomer(t, chromium, site)
      const page = await open(`/${mark}-cookie`)
      await page.getByRole('link', { name: 'Sign in' }).waitFor()
      t.equal(await page.getByRole('button').count(), 0)
      t.strictSame(complaints, [])
    })
  }

  t.test('svelte: the session is a store to what Svelte has for stores', async (t) => {
    const { open } = await visitor(t, chromium, site)
    const page = await open('/svelte-cookie')
    await call(page, '/api/todos')
    await page.locator(`[data-derived="${name}"]`).waitFor()
    t.equal(await page.evaluate('once()'), name)
  })
}
