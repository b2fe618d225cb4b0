import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, startPeer, type StartOptions } from '../../helper/gateway.ts'
import { freePort } from '../../helper/program.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { pushSecret, startAuthServer } from '../../session/remote/server.ts'
import { extend, listen } from './feed.ts'

const session = { expiresIn: 7 * 86_400, updateAge: 0 }

function optionsFor(upstream: string, port: number, more = ''): StartOptions {
  const url = `http://127.0.0.1:${String(port)}`
  const auth = `mode: remote, url: "${url}", session: { refreshAfter: 0 }${more}`
  // The plugin calls gateways by their addresses.
  return { upstream, auth, dev: true }
}

/** Two gateways before a Better Auth whose plugin tells them what happens there. */
async function startTold(t: Test) {
  const port = await freePort()
  const { url } = await startBackend(t)
  const options = optionsFor(url, port, `, pushSecret: "${pushSecret}"`)
  const here = await startGateway(t, options)
  const there = await startPeer(t, here, options)
  const gateways = [here.url, there.url]
  const remote = await startAuthServer(t, { port, gateways, pushSecret, session })
  for (const { log } of [here, there]) {
    while (!log.some(({ msg }) => /tells of revocations/.test(String(msg)))) await sleep(10)
  }
  return { here, there, remote }
}

t.test('what a Better Auth elsewhere pushes is told within a second', async (t) => {
  const { here, there, remote } = await startTold(t)
  const { cookie } = await signUp(here)
  const feeds = [await listen(t, here, cookie), await listen(t, there, cookie)]
  await remote.asked()
  const began = performance.now()
  await extend(here, cookie)
  for (const feed of feeds) {
    const [first, second] = [feed.events()[0]!, await feed.nth(2)]
    t.ok(String(second.data['expiresAt']) > String(first.data['expiresAt']))
  }
  t.equal((await remote.call('/update-user', { name: 'Grace' }, cookie)).status, 200)
  for (const feed of feeds) t.match(await feed.nth(3), { data: { user: { name: 'Grace' } } })
  t.ok(performance.now() - began < 2000)
  t.equal((await remote.call('/sign-out', {}, cookie)).status, 200)
  for (const feed of feeds) {
    t.match(await feed.last(), { name: 'sallyport', data: { code: 'session_revoked' } })
    t.equal(feed.events().length, 4)
  }
})

t.test(
  'without the plugin, what passes through one gateway reaches the others by Redis',
  async (t) => {
    const redis = await startRedis(t)
    if (redis === null) return
    const remote = await startAuthServer(t, { session })
    const { url } = await startBackend(t)
    const options = { ...optionsFor(url, remote.port), yaml: `redis: ${redis.url}` }
    const here = await startGateway(t, options)
    const there = await startPeer(t, here, options)
    const { cookie } = await signUp(here)
    const feed = await listen(t, there, cookie)
    const began = performance.now()
    await extend(here, cookie)
    const extended = await feed.nth(2)
    t.ok(String(extended.data['expiresAt']) > String(feed.events()[0]!.data['expiresAt']))
    t.ok(performance.now() - began < 1000)
  },
)

t.test('without either, it is asked after, and told within five seconds', async (t) => {
  const remote = await startAuthServer(t)
  const { url } = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: url,
    auth: `mode: remote, url: "${remote.url}"`,
  })
  const { cookie } = await signUp(gateway)
  const feed = await listen(t, gateway, cookie)
  const began = performance.now()
  t.equal((await remote.call('/update-user', { name: 'Grace' }, cookie)).status, 200)
  t.match(await feed.nth(2), { data: { user: { name: 'Grace' } } })
  t.equal((await remote.call('/sign-out', {}, cookie)).status, 200)
  t.match(await feed.last(), { name: 'sallyport', data: { code: 'session_expired' } })
  t.ok(performance.now() - began < 10_000)
})
