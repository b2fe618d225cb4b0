import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { Pool } from 'pg'
import t, { type Test } from 'tap'
import type { RevocationLog } from '../../../src/session/revocation/log.ts'
import { PostgresLog, postgresLogTable } from '../../../src/session/revocation/logs/postgres.ts'
import { RedisLog } from '../../../src/session/revocation/logs/redis.ts'
import { SqliteLog, sqliteLogTable } from '../../../src/session/revocation/logs/sqlite.ts'
import { startPostgres } from '../../helper/servers/postgres.ts'
import { startRedis } from '../../helper/servers/redis.ts'

/** How a log's server is treated in these tests. */
interface Kind {
  /** Makes another follower of the same log. `keepMs` in milliseconds. */
  readonly create: (keepMs?: number) => RevocationLog
  readonly outages: Readonly<Record<string, { break: () => unknown; mend: () => unknown }>>
}

const kinds: Readonly<Record<string, (t: Test) => Promise<Kind | null>>> = {
  SQLite: async (t) => {
    const file = join(t.testdir(), 'auth.db')
    const database = new DatabaseSync(file)
    database.exec(`PRAGMA journal_mode = WAL; ${sqliteLogTable}`)
    t.teardown(() => {
      database.close()
    })
    return {
      create: (keepMs = 60_000) => new SqliteLog({ file, keepMs, now: Date.now }),
      outages: {
        'its table gone': {
          break: () => {
            database.exec('ALTER TABLE sallyport_revocation RENAME TO elsewhere')
          },
          mend: () => {
            database.exec('ALTER TABLE elsewhere RENAME TO sallyport_revocation')
          },
        },
      },
    }
  },
  PostgreSQL: async (t) => {
    const server = await startPostgres(t)
    if (server === null) return null
    await server.query(postgresLogTable)
    return {
      create: (keepMs = 60_000) => {
        const pool = new Pool({ connectionString: server.url, connectionTimeoutMillis: 400 })
        pool.on('error', () => undefined)
        t.teardown(() => pool.end())
        return new PostgresLog({ url: server.url, pool, keepMs, now: Date.now })
      },
      outages: {
        'its server killed': { break: server.kill, mend: server.start },
        'its server frozen': { break: server.freeze, mend: server.thaw },
      },
    }
  },
  Redis: async (t) => {
    const server = await startRedis(t)
    if (server === null) return null
    return {
      create: (keepMs = 60_000) =>
        new RedisLog({ url: server.url, key: 'test:revocations', keepMs, now: Date.now }),
      outages: {
        'its server killed': { break: server.kill, mend: server.start },
        'its server frozen': { break: server.freeze, mend: server.thaw },
        'its server a replica': {
          break: () => server.tell('REPLICAOF 127.0.0.1 1'),
          mend: () => server.tell('REPLICAOF NO ONE'),
        },
        'its memory full': {
          break: () => server.tell('CONFIG SET maxmemory 1'),
          mend: () => server.tell('CONFIG SET maxmemory 0'),
        },
      },
    }
  },
}

/** Somebody who follows, and waits for what comes. */
async function follow(t: Test, log: RevocationLog) {
  const lines: string[] = []
  const states: boolean[] = []
  const waiting: { readonly holds: () => boolean; readonly done: () => void }[] = []
  const look = (): void => {
    for (const { holds, done } of waiting) if (holds()) done()
  }
  t.teardown(() => log.close())
  // A log keeps no process alive.
  const alive = setInterval(() => undefined, 60_000)
  t.teardown(() => {
    clearInterval(alive)
  })
  await log.open({
    onLines: (more) => {
      lines.push(...more)
      look()
    },
    onState: (isUp) => {
      states.push(isUp)
      look()
    },
  })
  const until = (holds: () => boolean): Promise<void> =>
    holds() ? Promise.resolve() : new Promise((resolve) => waiting.push({ holds, done: resolve }))
  return { lines, states, until, isUp: () => states.at(-1) === true }
}

for (const [name, prepare] of Object.entries(kinds)) {
  t.test(`${name}: every follower hears every line once, in order`, async (t) => {
    const kind = await prepare(t)
    if (kind === null) return
    const logs = [kind.create(), kind.create(), kind.create()]
    const followers = await Promise.all(logs.map((log) => follow(t, log)))
    await Promise.all(followers.map(({ until, isUp }) => until(isUp)))
    const written = Array.from({ length: 60 }, (_, index) => `${String(index)}:${randomUUID()}`)
    for (const [index, line] of written.entries()) await logs[index % 3]?.append(line)
    for (const { until, lines } of followers) {
      await until(() => lines.length >= written.length)
      t.strictSame(lines, written)
    }
  })

  t.test(`${name}: who starts reads what is kept, and not what is too old`, async (t) => {
    const kind = await prepare(t)
    if (kind === null) return
    const log = kind.create()
    await follow(t, log)
    await log.append('said before')
    const late = await follow(t, kind.create())
    await late.until(late.isUp)
    t.strictSame(late.lines, ['said before'], 'before it is up')
    const forgetful = await follow(t, kind.create(-1000))
    await forgetful.until(forgetful.isUp)
    t.strictSame(forgetful.lines, [])
  })

  t.test(`${name}: outages`, async (t) => {
    const kind = await prepare(t)
    if (kind === null) return
    for (const [outage, { break: breakIt, mend }] of Object.entries(kind.outages)) {
      await t.test(outage, async (t) => {
        const log = kind.create()
        const { lines, until, isUp, states } = await follow(t, log)
        await until(isUp)
        await breakIt()
        await until(() => !isUp())
        await t.rejects(log.append('cannot be written'))
        await mend()
        await until(isUp)
        await log.append(outage)
        await until(() => lines.includes(outage))
        t.strictSame(states.slice(0, 3), [true, false, true])
      })
    }
  })
}

t.test('a log that cannot be had is down, and is there when it can be', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  await redis.kill()
  const log = new RedisLog({ url: redis.url, key: 'k', keepMs: 1000, now: Date.now })
  const { states, until, isUp } = await follow(t, log)
  t.strictSame(states, [])
  await redis.start()
  await until(isUp)
  t.strictSame(states, [true])
})
