import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { signUp, startGateway, startPeer, type StartOptions } from '../../helper/gateway.ts'
import { startBackend } from '../../helper/backend.ts'
import { startPostgres } from '../../helper/servers/postgres.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { bearerOf } from '../../session/calls.ts'
import { startAuthServer } from '../../session/remote/server.ts'
import { startSocketBackend } from '../websocket/backend.ts'
import { ask, optionsFor, stream, ticketFor } from './asking.ts'

type Storage = Partial<StartOptions>

/** Two gateways that share everything. */
async function startNodes(t: Test, storage: Storage) {
  const backend = await startBackend(t)
  const options = optionsFor(backend, await startSocketBackend(t), storage)
  const here = await startGateway(t, options)
  return { backend, here, there: await startPeer(t, here, options) }
}

async function testOnce(t: Test, storage: Storage): Promise<void> {
  const { here, there, backend } = await startNodes(t, storage)
  const { id, cookie } = await signUp(here)
  const authorization = await bearerOf(here, cookie)
  for (const credential of [{ cookie }, { authorization }] as Record<string, string>[]) {
    const ticket = await ticketFor(here, '/api/x', credential)
    t.equal(await stream(there, `/api/x?ticket=${ticket}`), 200, 'another node redeems it')
    t.equal(backend.seen.at(-1)?.headers['x-user-id'], id)
  }
  for (let round = 0; round < 10; round += 1) {
    const ticket = await ticketFor(here, '/api/x', { cookie })
    const nodes = [here, there, here, there, here, there]
    const fates = await Promise.all(nodes.map((node) => stream(node, `/api/x?ticket=${ticket}`)))
    const winners = fates.filter((fate) => fate === 200)
    t.equal(winners.length, 1, 'of six at once on two nodes one gets in')
    t.equal(fates.filter((fate) => fate === 'token_invalid').length, 5)
  }
}

t.test('a ticket is redeemed once, with SQLite', async (t) => {
  const { here, there } = await startNodes(t, {})
  const { cookie } = await signUp(here)
  const kept = await ticketFor(here, '/api/x', { cookie })
  const database = new DatabaseSync(join(here.folder, 'auth.db'))
  t.teardown(() => {
    database.close()
  })
  const rows = JSON.stringify(database.prepare('SELECT * FROM sallyport_ticket').all())
  t.match(rows, /"digest"/)
  t.notMatch(rows, kept, 'whoever reads the database has no ticket')
  t.notMatch(rows, /\/api\/x/, 'and does not learn what for')
  database.exec("UPDATE sallyport_ticket SET value = 'AAAA' || value")
  t.equal(await stream(there, `/api/x?ticket=${kept}`), 'token_invalid', 'nor makes one')
  here.clock.offsetMs = 61_000
  await ticketFor(here, '/api/x', { cookie })
  const count = database.prepare('SELECT count(*) AS count FROM sallyport_ticket').get()
  t.equal(count?.['count'], 1, 'what was never redeemed does not pile up')
  database.exec('BEGIN EXCLUSIVE')
  const busy = await ask(here, '/api/x', { cookie })
  t.match(busy.json(), { status: 503, code: 'session_store_unavailable' })
  database.exec('ROLLBACK')
  await testOnce(t, {})
})

t.test('a ticket is redeemed once, with PostgreSQL', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  await testOnce(t, { database: postgres.url })
})

t.test('a ticket is redeemed once, with Redis', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const yaml = `redis: ${redis.url}`
  await testOnce(t, { yaml })
  await t.test('and while Redis is away none is made and none is judged', async (t) => {
    const { here } = await startNodes(t, { yaml })
    const { cookie } = await signUp(here)
    t.match((await ask(here, '/api/x', { cookie })).json(), { expires_in: 30 })
    const ticket = await ticketFor(here, '/api/x', { cookie })
    await redis.kill()
    t.match((await ask(here, '/api/x', { cookie })).json(), {
      status: 503,
      code: 'session_store_unavailable',
    })
    t.equal(await stream(here, `/api/x?ticket=${ticket}`), 'session_store_unavailable')
    await redis.start()
  })
})

for (const [name, secret] of [
  ['with its secret', '${BETTER_AUTH_SECRET}'],
  ['without its secret', 'none'],
] as const) {
  t.test(`a ticket is redeemed once, with Redis and a remote Better Auth, ${name}`, async (t) => {
    const redis = await startRedis(t)
    if (redis === null) return
    const remote = await startAuthServer(t)
    await testOnce(t, {
      yaml: `redis: ${redis.url}`,
      auth: `mode: remote, url: "${remote.url}", secret: "${secret}"`,
    })
  })
}

t.test(
  'with a remote Better Auth alone a gateway keeps tickets to itself, and says so',
  async (t) => {
    const remote = await startAuthServer(t)
    const { here, there } = await startNodes(t, { auth: `mode: remote, url: "${remote.url}"` })
    t.ok(here.log.some(({ msg }) => /tickets are kept in the memory/.test(String(msg))))
    const { cookie } = await signUp(here)
    const ticket = await ticketFor(here, '/api/x', { cookie })
    t.equal(await stream(there, `/api/x?ticket=${ticket}`), 'token_invalid')
    t.equal(await stream(here, `/api/x?ticket=${ticket}`), 200)
    t.equal(await stream(here, `/api/x?ticket=${ticket}`), 'token_invalid')
  },
)
