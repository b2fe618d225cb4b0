import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { connect, routes } from '../../gateway/websocket/client.ts'
import { closeOf, startSocketBackend } from '../../gateway/websocket/backend.ts'
import { origin, password, signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { freePort } from '../../helper/program.ts'
import { bearerOf, signIn } from '../calls.ts'
import { pushSecret, startAuthServer, type AuthServer, type ServerOptions } from './server.ts'

const ways = `${routes}
  - { name: api, match: { path: /api/* }, upstream: api }`

interface Stage {
  readonly gateway: Running
  readonly remote: AuthServer
}

/** A gateway and a remote Better Auth that know each other by `pushSecret`. */
async function start(t: Test, more: Partial<ServerOptions> = {}): Promise<Stage> {
  const backend = await startSocketBackend(t)
  const port = await freePort()
  const gateway = await startGateway(t, {
    upstream: backend.url,
    // The plugin calls it by its address.
    dev: true,
    auth: `mode: remote, url: "http://127.0.0.1:${port}", pushSecret: "${pushSecret}"`,
    routes: ways,
  })
  const remote = await startAuthServer(t, { port, gateways: [gateway.url], pushSecret, ...more })
  await logged(gateway, /tells of revocations/)
  return { gateway, remote }
}

/** Resolves when such a line is in the log, behind the first `after` lines. */
async function logged({ log }: Running, message: RegExp, after = 0): Promise<void> {
  while (!log.slice(after).some(({ msg }) => message.test(String(msg)))) await sleep(10)
}

async function codeOf(
  gateway: Running,
  headers: Readonly<Record<string, string>>,
): Promise<number | string> {
  const reply = await gateway.request('/api/x', { headers })
  return reply.status === 200 ? 200 : (reply.json()['code'] as string)
}

/** How long it takes until a request is answered so, milliseconds. */
async function takes(
  ask: () => Promise<number | string>,
  wanted: number | string,
): Promise<number> {
  const before = performance.now()
  while ((await ask()) !== wanted) {
    if (performance.now() - before > 5000) return Infinity
    await sleep(10)
  }
  return performance.now() - before
}

for (const inStorage of [false, true]) {
  const where = inStorage ? 'secondary storage alone' : 'its database'
  t.test(`with sessions in ${where}, a sign-out there is known here at once`, async (t) => {
    const { gateway, remote } = await start(t, { inStorage })
    const { email, cookie } = await signUp(gateway)
    const elsewhere = await signIn(gateway, email)
    const authorization = await bearerOf(gateway, cookie)
    t.equal(await codeOf(gateway, { cookie }), 200)
    t.equal(await codeOf(gateway, { cookie: elsewhere }), 200)
    const client = await connect(t, gateway, '/live/x', { headers: { cookie, origin } })
    const ended = closeOf(client)
    const other = await connect(t, gateway, '/live/x', { headers: { cookie: elsewhere, origin } })
    const otherEnded = closeOf(other)
    t.equal((await remote.call('/sign-out', {}, cookie)).status, 200)
    t.equal(await codeOf(gateway, { cookie }), 'session_revoked', 'before its answer was there')
    t.equal(await codeOf(gateway, { authorization }), 'session_revoked')
    t.strictSame(await ended, { code: 3000, reason: 'session_revoked' })
    t.equal(await codeOf(gateway, { cookie: elsewhere }), 200)
    t.equal(other.readyState, other.OPEN)
    // Signed out everywhere.
    t.equal((await remote.call('/revoke-sessions', {}, elsewhere)).status, 200)
    t.match(await codeOf(gateway, { cookie: elsewhere }), /^session_(?:revoked|expired)$/)
    t.match(await otherEnded, { code: 3000 })
  })
}

t.test('a ban and a deletion there end what is open here', async (t) => {
  const { gateway, remote } = await start(t)
  const ada = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  const root = await signUp(gateway, 'root@example.com')
  await remote.sql(`UPDATE user SET role = 'admin' WHERE email = ?`, root.email)
  const open = (cookie: string) => connect(t, gateway, '/live/x', { headers: { cookie, origin } })
  const ended = [closeOf(await open(ada.cookie)), closeOf(await open(bob.cookie))] as const
  t.equal((await remote.call('/admin/ban-user', { userId: ada.id }, root.cookie)).status, 200)
  t.match(await codeOf(gateway, { cookie: ada.cookie }), /^session_|^user_banned/)
  t.match(await ended[0], { code: 3000 })
  t.equal((await remote.call('/delete-user', { password }, bob.cookie)).status, 200)
  t.match(await codeOf(gateway, { cookie: bob.cookie }), /^session_/)
  t.match(await ended[1], { code: 3000 })
})

t.test(
  'while the plugin shows itself sessions are remembered for long, and forgotten when it does not',
  async (t) => {
    const { gateway, remote } = await start(t)
    const { cookie } = await signUp(gateway)
    t.equal(await codeOf(gateway, { cookie }), 200)
    await remote.asked()
    t.equal(await codeOf(gateway, { cookie }), 200)
    t.same(await remote.asked(), [])
    remote.freeze()
    const frozenAt = performance.now()
    const before = gateway.log.length
    await logged(gateway, /is silent/, before)
    t.ok(performance.now() - frozenAt < 1500, 'it is missed within a second')
    gateway.clock.offsetMs = 5000
    t.equal(await codeOf(gateway, { cookie }), 'session_store_unavailable', 'nor is it any more')
    remote.thaw()
    t.ok((await takes(() => codeOf(gateway, { cookie }), 200)) < 2500)
  },
)

t.test(
  'what changes in an organisation is told, and the role comes with the session',
  async (t) => {
    const { gateway, remote } = await start(t)
    const ada = await signUp(gateway)
    const create = { name: 'Acme', slug: 'acme' }
    const made = await remote.call('/organization/create', create, ada.cookie)
    t.equal(made.status, 200)
    const told = async (): Promise<unknown> => {
      const session = await fetch(`${remote.url}/api/auth/get-session`, {
        headers: { cookie: ada.cookie, 'x-sallyport-session': '1' },
      })
      return ((await session.json()) as { readonly sallyport?: unknown }).sallyport
    }
    const { id } = JSON.parse(made.text) as { readonly id: string }
    t.same(await told(), { organization: { id, role: 'owner' } })
    t.equal(await codeOf(gateway, { cookie: ada.cookie }), 200)
    await remote.asked()
    await remote.sql(`UPDATE member SET role = 'member'`)
    t.same(await told(), { organization: { id, role: 'member' } })
    await remote.sql(`UPDATE member SET role = 'owner'`)
    await remote.asked()
    t.equal(await codeOf(gateway, { cookie: ada.cookie }), 200)
    t.same(await remote.asked(), [], 'it is remembered')
    t.equal(
      (await remote.call('/organization/delete', { organizationId: id }, ada.cookie)).status,
      200,
    )
    await remote.asked()
    t.equal(await codeOf(gateway, { cookie: ada.cookie }), 200)
    t.equal((await remote.asked()).length, 1, 'and asked about anew')
  },
)

t.test('a gateway that is away keeps nobody waiting, and is told when it is back', async (t) => {
  const port = await freePort()
  const remote = await startAuthServer(t, { gateways: [`http://127.0.0.1:${port}`], pushSecret })
  const body = { name: 'Ada', email: 'ada@example.com', password }
  const before = performance.now()
  t.equal((await remote.call('/sign-up/email', body)).status, 200)
  for (let count = 0; count < 5; count += 1) {
    await remote.call('/sign-in/email', { email: body.email, password })
  }
  t.ok(performance.now() - before < 1500)
})
