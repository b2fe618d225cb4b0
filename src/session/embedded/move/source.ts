import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { StartupError } from '../../../errors/startup.ts'
import { openForReading } from '../store/look.ts'
import { quote } from '../store/tables.ts'
import type { SqliteValue } from './values.ts'

/** A line of the log of revocations. */
export interface KeptLine {
  /** Wall clock, milliseconds. */
  readonly at: string
  readonly line: string
}

/** An SQLite auth database that nobody uses any more; only read. */
export interface MoveSource {
  readonly file: string
  /** All tables but SQLite's own. */
  readonly tables: readonly string[]
  readonly columns: (table: string) => readonly string[]
  readonly count: (table: string) => number
  /** How many rows have something in a column. */
  readonly filled: (table: string, column: string) => number
  /** The rows, as values in the order of the columns. */
  readonly rows: (
    table: string,
    columns: readonly string[],
  ) => IterableIterator<readonly SqliteValue[]>
  readonly keptLines: () => readonly KeptLine[]
  readonly close: () => void
}

const log = 'sallyport_revocation'

/**
 * Opens the auth database of a gateway that has been stopped. Throws a `StartupError`: where there is none, where it is something else, and where somebody has it open, because
 * what they write meanwhile would be lost.
 */
export function openMoveSource(file: string): MoveSource {
  if (!existsSync(file)) throw new StartupError(`--from: there is no ${file}`)
  if (existsSync(`${file}-wal`)) {
    throw new StartupError(
      `--from: ${file} is in use: stop every gateway first. After a crash, move a copy that \`sallyport backup\` makes of it`,
    )
  }
  const database = openForReading(file)
  const tables = database
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .all()
    .map(({ name }) => String(name))
  if (!tables.includes('user') && !tables.includes('session')) {
    database.close()
    throw new StartupError(`--from: ${file} is no auth database: it has neither user nor session`)
  }
  return { ...readerOf(database, tables), file, tables }
}

function readerOf(
  database: DatabaseSync,
  tables: readonly string[],
): Omit<MoveSource, 'file' | 'tables'> {
  const ask = (sql: string): number => Number(database.prepare(sql).get()?.['count'])
  return {
    columns: (table) =>
      database
        .prepare(`SELECT * FROM ${quote(table)} LIMIT 0`)
        .columns()
        .map(({ name }) => name),
    count: (table) => ask(`SELECT count(*) AS count FROM ${quote(table)}`),
    filled: (table, column) => ask(`SELECT count(${quote(column)}) AS count FROM ${quote(table)}`),
    rows: (table, columns) => {
      const select = `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table)}`
      const statement = database.prepare(select)
      statement.setReadBigInts(true)
      statement.setReturnArrays(true)
      return statement.iterate() as unknown as IterableIterator<readonly SqliteValue[]>
    },
    keptLines: () => {
      if (!tables.includes(log)) return []
      const rows = database.prepare(`SELECT at, line FROM ${log} ORDER BY seq`).all()
      return rows.map(({ at, line }) => ({ at: String(at), line: String(line) }))
    },
    close: () => {
      database.close()
    },
  }
}
