import type { Page } from 'playwright-core'
import t from 'tap'
import { echo, startPages } from '../browser/recipes/site.ts'
import { name, newcomer, until, visitor, type Visitor } from '../browser/recipes/visitor.ts'
import { launchChromium } from '../helper/chromium.ts'
import { markedBlock } from './pages.ts'

const chromium = await launchChromium(t)

const readme = markedBlock('README.md', 'browser')
const page = "import { addTodo } from './app'\nObject.assign(globalThis, { addTodo })"

/** Adds a todo as the README does; resolves with what came of it. */
async function add(visitor: Visitor, path: string): Promise<unknown> {
  const page = await visitor.open(path)
  await isReady(page)
  return page.evaluate(`addTodo('milk').then(({ body }) => body, ({ message }) => message)`)
}

async function isReady(page: Page): Promise<void> {
  await until(page, 'typeof addTodo', (type) => type === 'function')
}

function titleOf(page: Page): Promise<unknown> {
  return until(page, 'document.title', (title) => title === `Todos of ${name}`)
}

if (chromium !== null) {
  let status = 200
  const site = await startPages(
    t,
    {
      bundled: { 'app.ts': readme, 'page.tsx': page },
      // The same where the gateway serves the kit.
      served: {
        'app.ts': readme.replace("'sallyport/client'", "'/_gateway/client.js'"),
        'page.tsx': page,
      },
      script: { 'page.tsx': markedBlock('docs/browser.md', 'script') },
    },
    {
      answer: (request, response, body) => {
        if (status === 200) echo(request, response, body)
        else
          response.writeHead(status, { 'content-type': 'application/json' }).end('{"detail":"no"}')
      },
    },
  )

  for (const kind of ['bundled', 'served']) {
    t.test(`the README's page calls the application: ${kind}`, async (t) => {
      const ada = await visitor(t, chromium, site)
      t.equal(await add(ada, `/${kind}`), '{"title":"milk"}')
      t.equal(await titleOf(ada.context.pages()[0]!), `Todos of ${name}`)
      t.strictSame(ada.complaints, [])
    })

    t.test(`it says what FastAPI says, whatever the status: ${kind}`, async (t) => {
      t.teardown(() => (status = 200))
      for (status of [401, 403, 503]) {
        const ada = await visitor(t, chromium, site)
        const said = status === 401 ? 'no' : `The application answered ${status}.`
        t.equal(await add(ada, `/${kind}`), said)
        t.equal(ada.context.pages()[0]?.url(), `${site.origin}/${kind}`)
      }
    })

    t.test(`who is signed out is sent to the login page, once: ${kind}`, async (t) => {
      const nobody = await newcomer(t, chromium, site)
      const page = await nobody.open(`/${kind}?done=1`)
      await isReady(page)
      const arrived = page.waitForURL(
        `${site.origin}/_gateway/login?return_to=%2F${kind}%3Fdone%3D1`,
      )
      await page.evaluate(
        "void addTodo('milk').catch(() => {}), void addTodo('eggs').catch(() => {})",
      )
      await arrived
      t.equal(nobody.requested.filter((line) => line.startsWith('GET /_gateway/login')).length, 1)
    })
  }

  t.test('the script of the guide runs as it is', async (t) => {
    const ada = await visitor(t, chromium, site)
    const page = await ada.open('/script')
    t.equal(await titleOf(page), `Todos of ${name}`)
    t.strictSame(ada.complaints, [])
  })
}
