import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { systemClock } from '../../../../src/clock.ts'
import { loadConfig } from '../../../../src/config/load.ts'
import type { GatewayConfig } from '../../../../src/config/types.ts'
import { createLogger } from '../../../../src/ops/log.ts'
import { migrateDatabase } from '../../../../src/session/embedded/open.ts'
import { openDatabase } from '../../../../src/session/embedded/store/sqlite/file.ts'
import type { Tables } from '../../../../src/session/embedded/store/port.ts'
import { startPostgres } from '../../../helper/servers/postgres.ts'
import { deaf } from '../../../../src/session/port.ts'
import { authSecret, jwtSecret } from '../../../helper/token.ts'

const comeUp = fileURLToPath(new URL('./come-up.ts', import.meta.url))

function write(folder: string, auth: string, name = 'gateway.config.yaml'): string {
  const file = join(folder, name)
  writeFileSync(
    file,
    `version: 1
server: { listen: "127.0.0.1:0", publicUrl: "http://app.test", shutdown: { grace: 1s } }
admin: { listen: "127.0.0.1:0" }
audit: none
auth: { signUp: open, ${auth} }
upstreams: { api: "http://127.0.0.1:9" }
routes:
  - { name: api, match: { path: /api/* }, upstream: api }
`,
  )
  return file
}

function load(file: string): GatewayConfig {
  const env = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }
  return loadConfig({ file, env }).config
}

function migrate(config: GatewayConfig, dryRun: boolean): Promise<Tables> {
  return migrateDatabase(config, {
    dryRun,
    logger: createLogger('error'),
    clock: systemClock,
    listener: deaf,
  })
}

function tables(file: string): readonly unknown[] {
  const database = new DatabaseSync(file)
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  database.close()
  return rows.map(({ name }) => name).sort()
}

function addRow(file: string): void {
  const database = new DatabaseSync(file)
  database.exec(
    "INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES ('u1', 'Ada', 'a@b.c', 0, '2026-01-01', '2026-01-01')",
  )
  database.close()
}

/** A process that has loaded everything and waits to be told to start. */
async function prepareProcess(t: Test, file: string) {
  const child = spawn(process.execPath, [comeUp, file], { stdio: ['pipe', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  const out: string[] = []
  child.stderr.on('data', (chunk: Buffer) => out.push(chunk.toString()))
  await once(child.stdout, 'data')
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()))
  return async (): Promise<string> => {
    child.stdin.write('go')
    await once(child, 'close')
    return out.join('').trim()
  }
}

t.test('eight processes that start at once on an empty database all come up', async (t) => {
  const folder = t.testdir()
  const file = write(folder, 'database: "sqlite:./data/auth.db"')
  const starts = await Promise.all(Array.from({ length: 8 }, () => prepareProcess(t, file)))
  const said = await Promise.all(starts.map((start) => start()))
  t.same(said, Array<string>(8).fill('up 200'))
  t.ok(tables(join(folder, 'data/auth.db')).includes('session'))
})

t.test('eight processes that start at once on an empty PostgreSQL all come up', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const file = write(t.testdir(), `database: "${postgres.url}"`)
  const starts = await Promise.all(Array.from({ length: 8 }, () => prepareProcess(t, file)))
  const said = await Promise.all(starts.map((start) => start()))
  t.same(said, Array<string>(8).fill('up 200'))
  const found = await postgres.query<{ readonly name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  )
  t.same(
    found.map(({ name }) => name),
    ['account', 'sallyport_revocation', 'sallyport_ticket', 'session', 'user', 'verification'],
  )
  const config = load(file)
  t.same(await migrate(config, true), { created: [], sql: '' }, 'and there is nothing left to do')
})

t.test(
  'why a PostgreSQL cannot be used is said in one sentence, without its password',
  async (t) => {
    const postgres = await startPostgres(t)
    if (postgres === null) return
    const { port } = new URL(postgres.url)
    const starts = {
      'postgres://a:secret@127.0.0.1:1/x': /PostgreSQL at 127\.0\.0\.1:1\/x: nothing listens there/,
      [`postgres://postgres:secret@127.0.0.1:${port}/none`]: /there is no such database/,
      [`postgres://nobody:secret@127.0.0.1:${port}/postgres`]: /it answers with|may not connect/,
    }
    for (const [url, message] of Object.entries(starts)) {
      const config = load(write(t.testdir(), `database: "${url}"`))
      const error = await migrate(config, false).then(
        () => null,
        (reason: unknown) => reason as Error,
      )
      t.equal(error?.name, 'StartupError')
      t.match(error?.message, message)
      t.notMatch(error?.message, /secret|\n/)
    }
  },
)

t.test('the database and its folder are for their owner only', async (t) => {
  const file = join(t.testdir(), 'data/auth.db')
  const database = await openDatabase({ kind: 'sqlite', file })
  database.close()
  t.equal(statSync(file).mode & 0o777, 0o600)
  chmodSync(file, 0o640)
  const again = await openDatabase({ kind: 'sqlite', file })
  again.close()
  t.equal(statSync(file).mode & 0o777, 0o640, 'what somebody decided since is left alone')
  t.equal(statSync(join(file, '..')).mode & 0o777, 0o700)
})

t.test('a dry run says what it would do, and leaves no trace', async (t) => {
  const folder = t.testdir()
  const config = load(write(folder, 'database: "sqlite:./data/auth.db"'))
  const { created, sql } = await migrate(config, true)
  t.same([...created].sort(), [
    'account',
    'sallyport_revocation',
    'sallyport_ticket',
    'session',
    'user',
    'verification',
  ])
  t.match(sql, /create table "session"/)
  t.notOk(existsSync(join(folder, 'data')))
})

t.test('a second migration has nothing to do', async (t) => {
  const config = load(write(t.testdir(), 'database: "sqlite:./auth.db"'))
  t.equal((await migrate(config, false)).created.length, 6)
  t.same(await migrate(config, false), { created: [], sql: '' })
})

t.test('a plugin that comes later gets its columns, and rows that are there stay', async (t) => {
  const folder = t.testdir({
    'auth.ts': `import { admin } from 'better-auth/plugins'
      export default { plugins: [admin()] }`,
  })
  const database = 'database: "sqlite:./auth.db"'
  await migrate(load(write(folder, database)), false)
  const file = join(folder, 'auth.db')
  addRow(file)
  const config = load(write(folder, `${database}, module: ./auth.ts`, 'later.yaml'))
  const planned = await migrate(config, true)
  t.match(planned.sql, /alter table "user" add column "banned"/)
  const { created } = await migrate(config, false)
  t.same(created, planned.created)
  for (const column of ['user.role', 'user.banned', 'session.impersonatedBy'])
    t.ok(created.includes(column), column)
  const after = new DatabaseSync(file)
  t.match(after.prepare('SELECT id, role, banned FROM user').all(), [{ id: 'u1' }])
  after.close()
})

t.test('a required column that rows could not have is refused in one sentence', async (t) => {
  const folder = t.testdir({
    'auth.ts': `export default { user: { additionalFields: { tenant: { type: 'string', required: true } } } }`,
  })
  const database = 'database: "sqlite:./auth.db"'
  await migrate(load(write(folder, database)), false)
  addRow(join(folder, 'auth.db'))
  const config = load(write(folder, `${database}, module: ./auth.ts`, 'later.yaml'))
  await t.rejects(migrate(config, false), {
    name: 'StartupError',
    message: /^auth\.database: cannot migrate [^\n]*tenant[^\n]*$/,
  })
})

t.test('a database that cannot be used is told in one sentence', async (t) => {
  const folder = t.testdir({
    folder: {},
    'text.db': 'this is no database, however long one reads in it\n'.repeat(50),
    file: '',
    'kept.db': '',
  })
  const messageOf = async (file: string): Promise<string> => {
    const config = { kind: 'sqlite', file: join(folder, file) } as const
    const error: unknown = await openDatabase(config).catch((error: unknown) => error)
    t.match(error, { name: 'StartupError' }, file)
    return (error as Error).message.replace(`auth.database: cannot open ${config.file}: `, '')
  }
  t.equal(await messageOf('folder'), 'it is a folder')
  t.equal(await messageOf('text.db'), 'it is not an SQLite database')
  t.equal(await messageOf('file/auth.db'), 'a part of its path is a file')
  t.equal(await messageOf('file/deeper/auth.db'), 'a part of its path is a file')
  chmodSync(join(folder, 'kept.db'), 0o444)
  chmodSync(join(folder, 'folder'), 0o555)
  await asNobody(async () => {
    for (const file of ['folder/auth.db', 'folder/new/auth.db'])
      t.match(await messageOf(file), /^[^\n]+ is not writable by this user$/, file)
    t.match(await messageOf('kept.db'), /^it[^\n]* is (?:read-only|not writable by this user)$/)
  })
})

/** Permissions mean nothing to root: the effective user is another one for as long as `work` takes. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
