import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, startPeer, type StartOptions } from '../../helper/gateway.ts'
import { startPostgres } from '../../helper/servers/postgres.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { run } from '../../cli/run.ts'
import { bearerOf } from '../../session/calls.ts'
import { ask } from '../access/people.ts'
import { always, extend, listen, type Feed } from './feed.ts'

/** What DESIGN §6 promises for other gateways, milliseconds. */
const promisedMs = 1000

async function inTime<T>(t: Test, what: string, wanted: Promise<T>): Promise<T> {
  const before = performance.now()
  const result = await wanted
  const tookMs = Math.round(performance.now() - before)
  t.ok(tookMs < promisedMs, `${what} after ${tookMs} ms`)
  return result
}

async function testNodes(t: Test, storage: Partial<StartOptions>): Promise<void> {
  const options: StartOptions = { upstream: (await startBackend(t)).url, ...always, ...storage }
  const here = await startGateway(t, options)
  const there = await startPeer(t, here, options)
  const { cookie } = await signUp(here)
  const bob = await signUp(here, 'bob@example.com')
  const feed: Feed = await listen(t, there, cookie)
  const revoked = await listen(t, there, bob.cookie)

  await extend(here, cookie)
  const extended = await inTime(t, 'an extension is told', feed.nth(2))
  const [first] = feed.events()
  t.equal(extended.name, 'session')
  const expiries = [first!, extended].map(({ data }) => Date.parse(String(data['expiresAt'])))
  t.ok(expiries[1]! > expiries[0]!)

  await ask(here, '/update-user', cookie, { name: 'Grace' })
  // Better Auth has extended the session as well, and may have been asked in between.
  const named = async (number: number): Promise<void> => {
    const { data } = await feed.nth(number)
    if ((data['user'] as { name: string }).name !== 'Grace') await named(number + 1)
  }
  await inTime(t, 'a change of the user is told', named(3))

  await ask(here, '/sign-out', cookie, {})
  const last = await inTime(t, 'a sign-out is told', feed.last())
  t.match(last, { name: 'sallyport', data: { code: 'session_revoked' } })

  const [, payload = ''] = (await bearerOf(here, bob.cookie)).split('.')
  const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string }
  const { code, err } = await run(here.folder, ['revoke', 'session', sid])
  t.equal(code, 0, err)
  const ended = await inTime(t, 'what an operator revokes is told', revoked.last())
  t.match(ended, { name: 'sallyport', data: { code: 'session_revoked' } })
}

t.test('on another gateway with the same SQLite file', (t) => testNodes(t, {}))

t.test('with the same PostgreSQL', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres !== null) await testNodes(t, { database: postgres.url })
})

t.test('with the same Redis, in which sessions are kept', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  await testNodes(t, {
    yaml: `redis: ${redis.url}`,
    auth: String(always.auth).replace('session: {', 'session: { store: redis,'),
  })
})
