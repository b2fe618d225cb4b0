import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type Reply, type Running } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { bearerOf, call, setCookies } from '../calls.ts'
import { startAuthServer, type AuthServer, type Fault } from './server.ts'

interface Stage {
  readonly gateway: Running
  readonly remote: AuthServer
  readonly cookie: string
  readonly authorization: string
}

/** Somebody is signed in, and nothing of it is remembered. */
async function start(t: Test): Promise<Stage> {
  const backend = await startBackend(t)
  const remote = await startAuthServer(t)
  const auth = `mode: remote, url: "${remote.url}", secret: "\${BETTER_AUTH_SECRET}"`
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth,
    remoteDeadlines: { connectMs: 500, answerMs: 500, relayMs: 1000 },
  })
  const { cookie } = await signUp(gateway)
  const authorization = await bearerOf(gateway, cookie)
  gateway.clock.offsetMs = 6000
  return { gateway, remote, cookie, authorization }
}

function isOutage(t: Test, reply: Reply, what: string): void {
  t.equal(reply.status, 503, what)
  t.match(reply.json(), { code: 'session_store_unavailable', action: 'retry' }, what)
  t.match(reply.headers['retry-after'], /^[1-9]\d*$/, what)
  t.same(setCookies(reply), [], `${what}: nobody is logged out`)
  t.notOk(reply.headers['www-authenticate'], what)
}

/** Nobody is signed out, and nobody is taken for a stranger, whatever they come with. */
async function isOut(t: Test, { gateway, cookie, authorization }: Stage): Promise<void> {
  for (const path of ['/api/x', '/maybe/x', '/_gateway/session']) {
    isOutage(t, await gateway.request(path, { headers: { cookie } }), `${path} by cookie`)
  }
  isOutage(t, await gateway.request('/api/x', { headers: { authorization } }), 'by our token')
  const token = { method: 'POST', headers: { cookie } } as const
  isOutage(t, await gateway.request('/_gateway/token', token), 'the token endpoint')
  const foreign = { authorization: `Bearer ${mint(goodClaims())}` }
  t.equal((await gateway.request('/api/x', { headers: foreign })).status, 200, 'a foreign token')
  t.equal((await gateway.request('/open/x')).status, 200, 'an open route')
  const forged = { cookie: cookie.replace(/.{5}$/, 'xxxxx') }
  const reply = await gateway.request('/api/x', { headers: forged })
  t.equal(reply.json()['code'], 'session_invalid', 'a forgery is one all the same')
}

/** All is well again within 2 s, and nobody had to start anything anew. */
async function recovers(t: Test, { gateway, cookie, authorization }: Stage): Promise<void> {
  const before = performance.now()
  for (const headers of [{ cookie }, { authorization }]) {
    while ((await gateway.request('/api/x', { headers })).status !== 200) {
      if (performance.now() - before > 2000) break
      await sleep(20)
    }
  }
  t.ok(performance.now() - before < 2000, 'it recovers')
}

const faults: readonly Fault[] = [
  'error',
  'busy',
  'garbage',
  'redirect',
  'unauthorized',
  'flood',
  'cut',
  'slow',
]

for (const fault of faults) {
  t.test(`a remote whose get-session is ${fault} is an outage`, async (t) => {
    const stage = await start(t)
    await stage.remote.fail(fault)
    await isOut(t, stage)
    await stage.remote.fail(null)
    await recovers(t, stage)
  })
}

t.test('a remote that is killed, and comes back', async (t) => {
  const stage = await start(t)
  await stage.remote.kill()
  await isOut(t, stage)
  const { gateway, cookie } = stage
  isOutage(t, await call(gateway, '/sign-out', { cookie }), 'signing out')
  isOutage(t, await call(gateway, '/sign-in/email', { body: {} }), 'signing in')
  const session = await gateway.request('/api/auth/get-session', { headers: { cookie } })
  isOutage(t, session, 'what its own client asks')
  await stage.remote.start()
  await recovers(t, stage)
})

t.test('a remote that is frozen, and thaws', async (t) => {
  const stage = await start(t)
  stage.remote.freeze()
  await isOut(t, stage)
  const { gateway, cookie } = stage
  isOutage(t, await call(gateway, '/sign-in/email', { body: {} }), 'signing in')
  // Whoever comes while it is known to be out need not wait for that.
  const before = performance.now()
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => gateway.request('/api/x', { headers: { cookie } })),
  )
  t.ok(replies.every(({ status }) => status === 503))
  t.ok(performance.now() - before < 1500)
  stage.remote.thaw()
  await recovers(t, stage)
})

t.test('sessions that are remembered live to their bound', async (t) => {
  const { gateway, remote, cookie, authorization } = await start(t)
  for (const headers of [{ cookie }, { authorization }]) {
    t.equal((await gateway.request('/api/x', { headers })).status, 200)
  }
  await remote.kill()
  for (const headers of [{ cookie }, { authorization }]) {
    t.equal((await gateway.request('/api/x', { headers })).status, 200)
  }
  gateway.clock.offsetMs += 5001
  isOutage(t, await gateway.request('/api/x', { headers: { cookie } }), 'afterwards')
})

t.test('what went wrong is in the log, once, with neither cookies nor tokens', async (t) => {
  const { gateway, remote, cookie } = await start(t)
  await remote.fail('garbage')
  for (let count = 0; count < 10; count += 1) {
    await gateway.request('/api/x', { headers: { cookie } })
  }
  const lines = gateway.log.filter(({ msg }) => msg === 'the remote Better Auth cannot be asked')
  t.match(lines, [{ reason: 'get-session answers something that is not JSON' }])
  t.equal(lines.length, 1)
  t.notMatch(JSON.stringify(gateway.log), new RegExp(cookie.slice(-40)))
})

t.test('a body that a plugin has changed is an outage that says why', async (t) => {
  const backend = await startBackend(t)
  const remote = await startAuthServer(t, { customSession: true })
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: backend.url, auth })
  const { cookie } = await signUp(gateway)
  isOutage(t, await gateway.request('/api/x', { headers: { cookie } }), 'a changed body')
  t.ok(gateway.log.some(({ reason }) => /customSession/.test(String(reason))))
})

t.test('a gateway is ready once the remote has been reached, and stays so', async (t) => {
  const remote = await startAuthServer(t)
  await remote.kill()
  const auth = `mode: remote, url: "${remote.url}"`
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', auth })
  const ready = async (): Promise<number> =>
    (await fetch(`${gateway.adminUrl ?? ''}/readyz`)).status
  const storeUp = async (): Promise<string | undefined> => {
    const metrics = await fetch(`${gateway.adminUrl ?? ''}/metrics`)
    return /^sallyport_session_store_up (\d)$/m.exec(await metrics.text())?.[1]
  }
  const cookie = `better-auth.session_token=${encodeURIComponent(`${'a'.repeat(32)}.${'A'.repeat(43)}=`)}`
  const ask = (): Promise<Reply> => gateway.request('/api/x', { headers: { cookie } })
  t.equal(await ready(), 503)
  t.equal(await storeUp(), '0')
  await remote.start()
  while ((await ready()) !== 200) await sleep(20)
  t.equal(await storeUp(), '1')
  await remote.kill()
  isOutage(t, await ask(), 'it is away')
  t.equal(await ready(), 200, 'the others would go at the same moment')
  t.equal(await storeUp(), '0', 'operators are told')
  await remote.start()
  while ((await ask()).status === 503) await sleep(20)
  t.equal(await storeUp(), '1')
})

t.test('a gateway that ends while it asks complains of nobody', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => undefined))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const asked = once(silent, 'connection')
  const { port } = silent.address() as AddressInfo
  const auth = `mode: remote, url: "http://127.0.0.1:${String(port)}"`
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', auth })
  await asked
  await gateway.gateway.close()
  t.strictSame(
    gateway.log.filter(({ msg }) => msg === 'the remote Better Auth cannot be asked'),
    [],
  )
})
