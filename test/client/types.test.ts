import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const root = join(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

const consumer = `
import { createGatewayClient, readProblem } from 'sallyport/client'
import type { ClientEvent, ClientOptions, GatewayClient, GatewaySession, Problem } from 'sallyport/client'
import { createCoreClient, type CoreClient } from 'sallyport/client/core'

const options: ClientOptions = {
  mode: 'bearer',
  login: ({ url, code }) => { location.assign(url + code) },
  onEvent: (event: ClientEvent) => { console.log(event.type) },
}
export const gateway: GatewayClient = createGatewayClient(options)
export const core: CoreClient = createCoreClient()
export const drop: typeof fetch = gateway.fetch
export const stream: EventSource = gateway.eventSource('/events')
export const socket: WebSocket = gateway.webSocket('/live')
export const who = (session: GatewaySession): string => session.user.email
export const why = async (response: Response): Promise<Problem['action'] | undefined> =>
  (await readProblem(response))?.action
// @ts-expect-error the core has no streams
core.eventSource('/events')
// @ts-expect-error there is no such mode
createGatewayClient({ mode: 'token' })
`

/** A project that has the package installed, as it would be packed now: what has been built some time ago proves nothing. */
function install(t: Test): string {
  const folder = t.testdir({ 'app.ts': consumer, 'package.json': '{ "type": "module" }' })
  const installed = join(folder, 'node_modules/sallyport')
  const out = ['--outDir', join(installed, 'dist')]
  execFileSync(process.execPath, [tsc, '-p', join(root, 'src/client/tsconfig.build.json'), ...out])
  cpSync(join(root, 'package.json'), join(installed, 'package.json'))
  return folder
}

function check(folder: string, module: object): string {
  const compilerOptions = {
    ...{ target: 'ES2022', lib: ['ES2022', 'DOM'], types: [], noEmit: true, strict: true },
    ...module,
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['app.ts'] }),
  )
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout
}

t.test('the types of the kit are found, whole, however modules are resolved', async (t) => {
  const folder = install(t)
  t.equal(check(folder, { module: 'esnext', moduleResolution: 'bundler' }), '')
  t.equal(check(folder, { module: 'nodenext', moduleResolution: 'nodenext' }), '')

  const run = `const { createGatewayClient, readProblem } = await import('sallyport/client')
    const { createCoreClient } = await import('sallyport/client/core')
    console.log(typeof createGatewayClient, typeof readProblem, typeof createCoreClient)`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', run], {
    cwd: folder,
    encoding: 'utf8',
  })
  t.equal(said, 'function function function\n')
  const compiled = readdirSync(join(folder, 'node_modules/sallyport/dist/client'))
  t.ok(compiled.includes('core.js'))
})

t.test('the kit cannot use what only Node has', async (t) => {
  const folder = t.testdir({})
  const file = join(root, 'src/client/tsconfig.build.json')
  const shown = JSON.parse(
    execFileSync(process.execPath, [tsc, '-p', file, '--showConfig'], { encoding: 'utf8' }),
  ) as { readonly compilerOptions: { readonly types: unknown; readonly lib: unknown } }
  t.strictSame(shown.compilerOptions.types, [])
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: file,
      compilerOptions: { noEmit: true, rootDir: '/' },
      files: ['uses-node.ts'],
    }),
  )
  writeFileSync(join(folder, 'uses-node.ts'), 'export const now = process.hrtime()\n')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  t.match(stdout, /Cannot find name 'process'/)
})

t.test('a module that makes a client can be loaded where pages are rendered', (t) => {
  const folder = install(t)
  const run = `import { createGatewayClient } from 'sallyport/client'
    import { createCoreClient } from 'sallyport/client/core'
    for (const gw of [createGatewayClient({ mode: 'bearer' }), createCoreClient()]) {
      const seen = []
      const end = gw.session.subscribe((session) => { seen.push(session) })
      end()
      const asked = ['fetch', 'refresh', 'logout', 'token'].map((name) => gw[name]('/api').catch(String))
      console.log(JSON.stringify([gw.session.current ?? null, seen.length, await gw.session.reload() ?? null, await Promise.all(asked)]))
      gw.close()
    }
    try { createGatewayClient().eventSource('/x') } catch (error) { console.log(String(error)) }`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', run], {
    cwd: folder,
    encoding: 'utf8',
  })
  const why = 'TypeError: there is no page here: on a server, call FastAPI itself'
  const line = JSON.stringify([null, 1, null, [why, why, why, why]])
  t.equal(said, `${line}\n${line}\n${why}\n`)
  t.end()
})

t.test('where something stands in for a page, the real client is made', (t) => {
  const folder = install(t)
  const run = `globalThis.document = { hidden: true }
    const { createGatewayClient } = await import('sallyport/client')
    try { createGatewayClient() } catch (error) { console.log(error.name) }
    process.exit()`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', run], {
    cwd: folder,
    encoding: 'utf8',
  })
  t.equal(said, 'ReferenceError\n', 'it wants a window too')
  t.end()
})
