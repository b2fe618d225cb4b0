// Real credentials: looked up in the database of a running gateway, for reading only, and never printed.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { signUp, startGateway, type Running, type SignedIn } from '../helper/gateway.ts'
import { authSecret, goodClaims, mint, signCookie } from '../helper/token.ts'
import { outputOf } from './cases.ts'

const routes = `
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }`

async function start(t: Test): Promise<Running & { readonly ada: SignedIn }> {
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', routes })
  return { ...gateway, ada: await signUp(gateway) }
}

interface Told {
  readonly text: string
  readonly credential: Record<string, unknown>
  readonly decision: Record<string, unknown>
  readonly notes: readonly string[]
  readonly upstream: { readonly headers: readonly (readonly [string, string])[] } | null
}

async function explain(folder: string, ...args: readonly string[]): Promise<Told> {
  const given = ['explain', 'GET', '/api/items', '--json', ...args]
  const { out, json } = await outputOf(given, folder)
  return { text: out, ...(JSON.parse(json) as Omit<Told, 'text'>) }
}

/** Size and times of everything in a folder. */
function stateOf(folder: string): unknown {
  return readdirSync(folder)
    .filter((file) => !file.endsWith('-shm'))
    .sort()
    .map((file) => [file, statSync(join(folder, file)).size, statSync(join(folder, file)).mtimeMs])
}

t.test(
  'a session cookie is looked up while the gateway runs, and nothing is written',
  async (t) => {
    const { folder, ada } = await start(t)
    const before = stateOf(folder)
    const told = await explain(folder, '--cookie', `${ada.cookie}; theme=dark`)
    t.strictSame(stateOf(folder), before)
    t.match(told.credential, { kind: 'session', verdict: 'accepted', caller: { userId: ada.id } })
    t.match(told.decision, { kind: 'forward', code: null })
    t.ok(told.upstream?.headers.some(([name, value]) => name === 'x-user-id' && value === ada.id))
    t.notOk(told.text.includes(ada.cookie.split('=')[1]!), 'the cookie is not printed')
    t.notOk(told.text.includes(decodeURIComponent(ada.cookie.split('=')[1]!).split('.')[0]!))
    t.notOk(told.text.includes('dark'), 'nor the other cookies')
  },
)

t.test('a cookie can come from a file, by its value alone', async (t) => {
  const { folder, ada } = await start(t)
  writeFileSync(join(folder, 'cookie'), `${ada.cookie.split('=')[1]!}\n`)
  const told = await explain(folder, '--cookie', '@cookie')
  t.match(told.credential, { verdict: 'accepted', caller: { userId: ada.id } })
  t.match(await outputOf(['explain', 'GET', '/', '--cookie', '@nowhere'], folder), {
    code: 2,
    out: /nowhere cannot be read/,
  })
})

t.test('what the gateway revoked is revoked here too', async (t) => {
  const gateway = await start(t)
  const { folder, ada } = gateway
  const headers = {
    cookie: ada.cookie,
    origin: 'http://app.test',
    'content-type': 'application/json',
  }
  const out = await gateway.request('/api/auth/sign-out', { method: 'POST', headers, body: '{}' })
  t.equal(out.status, 200)
  const told = await explain(folder, '--cookie', ada.cookie)
  t.match(told.decision, { code: 'session_revoked', status: 401, action: 'login' })
  t.match(await gateway.request('/api/items', { headers: { cookie: ada.cookie } }), { status: 401 })
})

t.test('a forged cookie is forged, and another bearer decides alone', async (t) => {
  const { folder, ada } = await start(t)
  const forged = `better-auth.session_token=${signCookie('t'.repeat(32), 'x'.repeat(40))}`
  t.match((await explain(folder, '--cookie', forged)).decision, { code: 'session_invalid' })
  const token = mint(goodClaims({ sub: 'script' }))
  const both = await explain(folder, '--bearer', token, '--cookie', ada.cookie)
  t.match(both.credential, {
    kind: 'bearer',
    verdict: 'accepted',
    caller: { userId: 'script' },
    ignored: [{ kind: 'session' }],
  })
  t.notOk(both.text.includes(token.split('.')[2]!), 'the token is not printed')
  const expired = await explain(folder, '--bearer', mint(goodClaims({ exp: 1 })))
  t.match(expired.decision, { code: 'token_expired', action: 'refresh' })
})

t.test('a database that is not there is what a gateway says it is: not known', async (t) => {
  const { folder, ada } = await start(t)
  const config = readFileSync(join(folder, 'gateway.config.yaml'), 'utf8')
  writeFileSync(join(folder, 'other.yaml'), config.replace('./auth.db', './gone/auth.db'))
  const told = await explain(folder, '--config', 'other.yaml', '--cookie', ada.cookie)
  t.match(told.decision, { code: 'session_store_unavailable', status: 503, action: 'retry' })
  t.match(told.notes, [/cannot be looked up: auth.database: there is no .*gone\/auth\.db yet/])
  t.notOk(readdirSync(folder).includes('gone'), 'nothing was created')
  writeFileSync(join(folder, 'no.db'), 'this is no database, and never was one')
  writeFileSync(join(folder, 'other.yaml'), config.replace('./auth.db', './no.db'))
  const unreadable = await explain(folder, '--config', 'other.yaml', '--cookie', ada.cookie)
  t.match(unreadable.decision, { code: 'session_store_unavailable' })
  t.notOk(unreadable.text.includes(authSecret))
})
