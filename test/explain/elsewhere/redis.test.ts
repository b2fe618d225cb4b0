// Sessions and revocations in Redis. That nothing is written is shown twice: by its keys afterwards, and by a user who may only read.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { startRedis, type TestRedis } from '../../helper/servers/redis.ts'
import { call, sql } from '../../session/calls.ts'
import {
  changeSqlite,
  newPerson,
  sessionsInAllStates,
  tokensInAllStates,
  withBans,
} from './people.ts'
import { compareAll, fateOf, toldOf, type Expected } from './telling.ts'

async function start(t: Test, redis: TestRedis, store: string): Promise<Running> {
  const upstream = (await startBackend(t)).url
  const yaml = `redis: ${redis.url}\nbearer: { requireUser: true }`
  return startGateway(t, { upstream, yaml, ...withBans(`store: ${store}`) })
}

/** Every key with what it holds; lives pass by themselves. */
async function keysOf(t: Test, { url }: TestRedis): Promise<() => Promise<unknown>> {
  const redis = new Redis(url, { maxRetriesPerRequest: 0 })
  t.teardown(() => {
    redis.disconnect()
  })
  return async () => {
    const keys = (await redis.keys('*')).sort()
    return Promise.all(
      keys.map(async (key) => [key, (await redis.dumpBuffer(key)).toString('base64')]),
    )
  }
}

function rowsOf(gateway: Running): unknown {
  const tables = sql(gateway, "SELECT name FROM sqlite_schema WHERE type = 'table'")
  return tables.map(({ name }) => sql(gateway, `SELECT * FROM "${String(name)}"`))
}

/** With the credentials of somebody who may read, and nothing else. */
async function readAs(gateway: Running, redis: TestRedis): Promise<void> {
  const may = 'resetkeys %R~* resetchannels -@all +@read +@connection +info'
  const answer = await redis.tell(`ACL SETUSER looker on >looks ${may}`)
  if (answer !== '+OK') throw new Error(answer)
  const config = readFileSync(join(gateway.folder, 'gateway.config.yaml'), 'utf8')
  const text = config.replace('redis://', 'redis://looker:looks@')
  writeFileSync(join(gateway.folder, 'looker.yaml'), text)
}

for (const store of ['database', 'redis']) {
  t.test(`sessions in the ${store}, revocations in Redis: nothing is written`, async (t) => {
    const redis = await startRedis(t)
    if (redis === null) return
    const gateway = await start(t, redis, store)
    const cases: Record<string, Expected> = {
      ...(store === 'database'
        ? await sessionsInAllStates(gateway, changeSqlite(gateway), (ms) =>
            new Date(Date.now() + ms).toISOString(),
          )
        : await sessionsInRedis(gateway)),
      ...(await tokensInAllStates(gateway)),
    }
    await readAs(gateway, redis)
    for (const [name, { headers, fate }] of Object.entries(cases)) {
      const told = await toldOf(gateway.folder, headers, '--config', 'looker.yaml')
      t.equal(fateOf(told), fate, `${name}: with a user who may only read`)
    }
    const keys = await keysOf(t, redis)
    const look = async (): Promise<unknown> => [withoutBeats(await keys()), rowsOf(gateway)]
    await compareAll(t, gateway, cases, look)
  })
}

/** Without what the gateway itself writes all the time to say that it lives. */
function withoutBeats(keys: unknown): unknown {
  return (keys as [string, string][]).filter(([key]) => !/:(?:revocations|probe)$/.test(key))
}

async function sessionsInRedis(gateway: Running): Promise<Record<string, Expected>> {
  const live = await newPerson(gateway)
  const out = await newPerson(gateway)
  await call(gateway, '/sign-out', out)
  const banned = await newPerson(gateway)
  sql(gateway, 'UPDATE user SET banned = true WHERE id = ?', banned.id)
  return {
    'a live session': { headers: { cookie: live.cookie }, fate: 200 },
    'a banned user': { headers: { cookie: banned.cookie }, fate: 'user_banned' },
    'a session that was signed out': { headers: { cookie: out.cookie }, fate: 'session_revoked' },
  }
}

t.test('Redis that is away, or answers nothing, is told as that', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const gateway = await start(t, redis, 'redis')
  const { cookie } = await newPerson(gateway)
  const check = async (name: string): Promise<void> => {
    const told = await toldOf(gateway.folder, { cookie })
    t.match(told.decision, { code: 'session_store_unavailable', status: 503 }, name)
    t.match(told.notes, [/cannot be looked up: redis: revocations cannot be read: /], name)
  }
  redis.freeze()
  await check('frozen')
  redis.thaw()
  await redis.kill()
  await check('away')
})
