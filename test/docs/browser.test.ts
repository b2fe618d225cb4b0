import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { startBackend } from '../helper/backend.ts'
import { signUp, startGateway, type Running } from '../helper/gateway.ts'
import { mint } from '../helper/token.ts'
import { blocksIn, root } from './pages.ts'

type Call = (path: string, options?: { headers?: Record<string, string> }) => Promise<Response>

interface Page {
  readonly call: Call
  /** Where the page was sent, in order. */
  readonly visited: readonly string[]
}

/** The function of the README in what stands for a page of the gateway's origin: relative URLs, a cookie, a location. */
async function openPage(t: Test, gateway: Running, cookie: string): Promise<Page> {
  const [block] = blocksIn('js').filter(({ mark }) => mark === 'browser')
  if (block === undefined) throw new Error('the README has no block for browsers')
  const kit = pathToFileURL(join(root, 'src/client/index.ts')).href
  const file = join(gateway.folder, `page-${String(Date.now())}.mjs`)
  writeFileSync(file, block.text.replace("'sallyport/client'", JSON.stringify(kit)))
  const real = globalThis.fetch
  const visited: string[] = []
  t.intercept(globalThis, 'fetch', {
    value: (path: string, options: RequestInit = {}) => {
      const headers = { ...(options.headers as Record<string, string>), cookie }
      return real(new URL(path, gateway.url), { ...options, headers })
    },
  })
  t.intercept(globalThis, 'location' as never, {
    value: { assign: (where: string) => visited.push(where) },
  })
  const { call } = (await import(pathToFileURL(file).href)) as { readonly call: Call }
  return { call, visited }
}

t.test('the function of the README does what a refusal asks for', async (t) => {
  let failures = 0
  const backend = await startBackend(t, (request, response) => {
    const status = request.url === '/api/mine' ? 403 : 200
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end('{"detail":"from FastAPI"}')
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    dev: true,
    wrapSource: (source) => ({
      ...source,
      findByToken: (token) => {
        if (failures === 0) return source.findByToken(token)
        failures -= 1
        return Promise.reject(new Error('away'))
      },
    }),
  })
  const { cookie } = await signUp(gateway)
  const expired = mint({ sub: 'user-1', exp: Math.floor(Date.now() / 1000) - 60 })

  await t.test('what FastAPI says passes, a 403 of its own included', async (t) => {
    const { call } = await openPage(t, gateway, cookie)
    t.equal((await call('/api/any')).status, 200)
    t.equal((await call('/api/mine')).status, 403)
  })

  await t.test('an expired token is refreshed and the call repeated', async (t) => {
    const { call, visited } = await openPage(t, gateway, cookie)
    const answer = await call('/api/any', { headers: { authorization: `Bearer ${expired}` } })
    t.equal(answer.status, 200)
    t.strictSame(visited, [])
  })

  await t.test('who is signed out is sent to the login page', async (t) => {
    const { call, visited } = await openPage(t, gateway, '')
    await t.rejects(call('/api/any'), { message: 'This resource needs a signed-in user.' })
    t.strictSame(visited, ['/_gateway/login'])
  })

  await t.test('a store that is away for a moment is asked again', async (t) => {
    const other = await signUp(gateway, 'grace@example.com')
    const { call, visited } = await openPage(t, gateway, other.cookie)
    failures = 1
    t.equal((await call('/api/any')).status, 200)
    t.equal(failures, 0)
    t.strictSame(visited, [])
  })
})
