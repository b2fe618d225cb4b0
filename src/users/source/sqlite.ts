import { existsSync } from 'node:fs'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { StartupError } from '../../errors/startup.ts'
import { quote } from '../../session/embedded/store/tables.ts'
import { emptyToNull, usualTables, type SourceRow, type UserSource } from './port.ts'

const busyTimeoutMs = 5000

/**
 * Opens a table of an SQLite file. Rows are read by one statement, which sees none of what others write meanwhile; without WAL, they wait for its
 * end. Throws a `StartupError` of one sentence.
 * @param table null: as it is usually called
 */
export function openSqliteSource(file: string, table: string | null): UserSource {
  if (!existsSync(file)) throw new StartupError(`--from: there is no ${file}`)
  let database: DatabaseSync | null = null
  try {
    const opened = (database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs }))
    const found = findTable(opened, file, table)
    const columns = opened.prepare(`SELECT * FROM ${quote(found)}`).columns()
    return {
      name: `${file}, table ${found}`,
      table: found,
      // SQLAlchemy's type for UUIDs; what it gives to the application has hyphens.
      columns: columns.map(({ name, type }) => ({ name, holdsUuids: type === 'CHAR(32)' })),
      read: (names, orderBy) => rowsOf(opened, found, names, orderBy),
      close: () => {
        opened.close()
        return Promise.resolve()
      },
    }
  } catch (error) {
    database?.close()
    if (error instanceof StartupError) throw error
    const { errcode, message } = error as Error & { readonly errcode?: number }
    const reason = ((errcode ?? 0) & 0xff) === 26 ? 'it is not an SQLite database' : message
    throw new StartupError(`--from: cannot read ${file}: ${reason}`)
  }
}

function findTable(database: DatabaseSync, file: string, table: string | null): string {
  const rows = database
    .prepare(`SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name`)
    .all()
  const known = rows.map(({ name }) => String(name))
  const wanted = table === null ? usualTables : [table]
  const found = wanted.find((name) => known.includes(name))
  if (found !== undefined) return found
  const others = known.length === 0 ? 'none at all' : `only ${known.join(', ')}`
  throw new StartupError(`--table: there is no ${wanted.join(' or ')} in ${file}, ${others}`)
}

// eslint-disable-next-line @typescript-eslint/require-await -- a database elsewhere has to be waited for
async function* rowsOf(
  database: DatabaseSync,
  table: string,
  columns: readonly string[],
  orderBy: string,
): AsyncGenerator<SourceRow> {
  const list = columns.map(quote).join(', ')
  const statement = database.prepare(
    `SELECT ${list} FROM ${quote(table)} ORDER BY ${quote(orderBy)}`,
  )
  statement.setReadBigInts(true)
  let row = 0
  for (const values of statement.iterate()) {
    row += 1
    yield { row, cells: columns.map((name) => toText(values[name] ?? null)) }
  }
}

function toText(value: SQLOutputValue): string | null {
  if (value === null) return null
  return emptyToNull(value instanceof Uint8Array ? Buffer.from(value).toString() : String(value))
}
