import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { startPostgres } from '../helper/servers/postgres.ts'
import { openSource, parsePlace } from '../../src/users/source/open.ts'
import type { SourceRow, UserSource } from '../../src/users/source/port.ts'

async function cellsOf(source: UserSource, ...columns: readonly string[]): Promise<unknown[]> {
  const cells: unknown[] = []
  for await (const row of source.read(columns, columns[0] ?? ''))
    cells.push((row as SourceRow).cells)
  return cells
}

function database(t: Test, sql: string): string {
  const file = join(t.testdir({}), 'app.db')
  const opened = new DatabaseSync(file)
  opened.exec(sql)
  opened.close()
  return file
}

t.test('an SQLite file is read as text, and left as it is', async (t) => {
  const file = database(
    t,
    `CREATE TABLE "user" (id INTEGER, hash BLOB, flag BOOLEAN, "a ""b"" c" TEXT);
     INSERT INTO user VALUES (9007199254740993, x'2432622431', 1, ''), (2, NULL, 0, 'x')`,
  )
  const before = readFileSync(file)
  const source = await openSource(parsePlace(`sqlite:${file}`), null)
  t.strictSame(await cellsOf(source, 'id', 'hash', 'flag', 'a "b" c'), [
    ['2', null, '0', 'x'],
    ['9007199254740993', '$2b$1', '1', null],
  ])
  await source.close()
  t.strictSame(readFileSync(file), before)
  t.strictSame(readdirSync(join(file, '..')), ['app.db'])
})

t.test('what others write into SQLite meanwhile is not seen', async (t) => {
  const file = database(
    t,
    `PRAGMA journal_mode = WAL; CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1), (2), (3)`,
  )
  const source = await openSource(parsePlace(`sqlite:${file}`), null)
  t.match(source.name, /table users$/)
  const rows = source.read(['id'], 'id')[Symbol.asyncIterator]()
  t.match(await rows.next(), { value: { cells: ['1'] } })
  const other = new DatabaseSync(file)
  other.exec('INSERT INTO users VALUES (4); DELETE FROM users WHERE id = 2')
  other.close()
  t.match(await rows.next(), { value: { cells: ['2'] } })
  t.match(await rows.next(), { value: { cells: ['3'] } })
  t.equal((await rows.next()).done, true)
  await source.close()
})

t.test('PostgreSQL is read as text, in a transaction that cannot write', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  await postgres.query(
    `CREATE TABLE users (id bigint, hash bytea, flag boolean, at timestamptz, plain timestamp, "a ""b""" text)`,
  )
  await postgres.query(
    `INSERT INTO users SELECT n, '$2b$1'::bytea, n % 2 = 0, '2026-01-02 03:04:05.6+02', '2026-01-02 03:04:05', '' FROM generate_series(1, 1201) n`,
  )
  await postgres.query(
    `CREATE FUNCTION sneaky() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; RETURN 1; END $$`,
  )
  await postgres.query('CREATE VIEW "user" AS SELECT sneaky() AS id')
  await postgres.query(`ALTER DATABASE postgres SET timezone TO 'Asia/Tokyo'`)
  const source = await openSource(parsePlace(postgres.url), 'users')
  const columns = ['id', 'hash', 'flag', 'at', 'plain', 'a "b"']
  t.strictSame(
    source.columns.map(({ name }) => name),
    columns,
  )
  const rows = await cellsOf(source, ...columns)
  t.equal(rows.length, 1201, 'more than are fetched at once')
  t.strictSame(rows.slice(0, 2), [
    ['1', '$2b$1', 'f', '2026-01-02 01:04:05.6+00', '2026-01-02 03:04:05', null],
    ['2', '$2b$1', 't', '2026-01-02 01:04:05.6+00', '2026-01-02 03:04:05', null],
  ])
  await source.close()
  const view = await openSource(parsePlace(postgres.url), null)
  await t.rejects(cellsOf(view, 'id'), { code: '25006' }, 'not even by what a view calls')
  await view.close()
  t.strictSame(await postgres.query('SELECT count(*)::int AS n FROM users'), [{ n: 1201 }])
})

t.test('a password in the URL is in no message', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const url = postgres.url.replace('postgres@', 'postgres:hunter2@')
  const source = await openSource(
    parsePlace(url.replace('postgres:', 'postgresql+asyncpg:')),
    null,
  ).catch((error: unknown) => error as Error)
  t.match((source as Error).message, /^--table: there is no user or users in PostgreSQL at 127/)
  t.notMatch((source as Error).message, /hunter2/)
})
