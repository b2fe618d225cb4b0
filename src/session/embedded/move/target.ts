import { Client } from 'pg'
import { StartupError } from '../../../errors/startup.ts'
import { reasonOf } from '../store/outage.ts'
import type { TablePlan, TargetTable } from './plan.ts'
import { quote } from '../store/tables.ts'
import type { KeptLine, MoveSource } from './source.ts'
import { toPostgres, type PostgresValue, type SqliteValue } from './values.ts'

/** Rows that one statement brings. */
const rowsAtOnce = 500
/** PostgreSQL counts the parameters of a statement in 16 bits. */
const maxParameters = 65_535

/** Runs `work` in one transaction; whatever it throws undoes all of it. Rejects with a `StartupError` where there is no connection. */
export async function inTransaction<T>(
  url: string,
  name: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    application_name: 'sallyport migrate',
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    throw new StartupError(`auth.database: cannot open ${name}: ${reasonOf(error as Error)}`)
  }
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } finally {
    // A transaction that was not committed ends with its connection.
    await client.end()
  }
}

/** What PostgreSQL has of these tables; those that it lacks are left out. */
export async function readTargets(
  client: Client,
  names: readonly string[],
): Promise<readonly TargetTable[]> {
  const targets: TargetTable[] = []
  for (const name of names) {
    const { rows: columns } = await client.query<{ name: string; type: string }>(
      `SELECT a.attname AS name, t.typname AS type FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`,
      [quote(name)],
    )
    if (columns.length === 0) continue
    const { rows: after } = await client.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid
       WHERE k.contype = 'f' AND k.conrelid = to_regclass($1)`,
      [quote(name)],
    )
    const known = after.map((each) => each.name).filter((each) => names.includes(each))
    targets.push({ name, columns, after: known })
  }
  return targets
}

/** Keeps everybody else from writing to these tables until the end of the transaction. Throws a `StartupError` where one of them holds something. */
export async function claimEmpty(
  client: Client,
  place: string,
  tables: readonly TargetTable[],
): Promise<void> {
  const list = tables.map(({ name }) => quote(name)).join(', ')
  await client.query(`LOCK TABLE ${list} IN SHARE ROW EXCLUSIVE MODE`)
  for (const { name } of tables) {
    const { rowCount } = await client.query(`SELECT 1 FROM ${quote(name)} LIMIT 1`)
    if (rowCount !== 0) {
      throw new StartupError(
        `auth.database: ${place} has something in ${name}: accounts are moved into an empty database alone`,
      )
    }
  }
}

/** Copies one table, and counts what has arrived. Throws a `StartupError` that repeats no value. */
export async function copyTable(
  client: Client,
  source: MoveSource,
  { name, columns, rows }: TablePlan,
): Promise<void> {
  const atOnce = Math.min(rowsAtOnce, Math.floor(maxParameters / Math.max(1, columns.length)))
  const batch: PostgresValue[][] = []
  const names = columns.map((column) => column.name)
  for (const row of source.rows(name, names)) {
    batch.push(row.map((value, index) => convert(value, name, columns[index])))
    if (batch.length >= atOnce) await insert(client, name, names, batch.splice(0))
  }
  if (batch.length > 0) await insert(client, name, names, batch)
  await advanceSequence(client, name, names)
  const count = `SELECT count(*)::text AS count FROM ${quote(name)}`
  const arrived = Number((await client.query<{ count: string }>(count)).rows[0]?.count)
  if (arrived !== rows) {
    throw new StartupError(`${name}: of ${rows} rows ${arrived} have arrived; nothing is moved`)
  }
}

function convert(
  value: SqliteValue,
  table: string,
  column: TablePlan['columns'][number] | undefined,
): PostgresValue {
  const { name, type } = column ?? { name: '', type: '' }
  try {
    return toPostgres(value, type)
  } catch (error) {
    throw new StartupError(
      `${table}.${name}: a row holds ${(error as Error).message}; nothing is moved`,
    )
  }
}

async function insert(
  client: Client,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly PostgresValue[])[],
): Promise<void> {
  let count = 0
  const values = rows.map((row) => `(${row.map(() => `$${String((count += 1))}`).join(', ')})`)
  const sql = `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES ${values.join(', ')}`
  try {
    await client.query(sql, rows.flat())
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // What follows the colon would be the value.
    const [reason] = message.split(/: (?=["'])/)
    const hint = code === '22P02' ? ' (ids are UUIDs there)' : ''
    throw new StartupError(
      `${table}: PostgreSQL refuses a row: ${reason ?? ''}${hint}; nothing is moved`,
    )
  }
}

/** Where ids are numbers, the next one comes after those that were brought along. */
async function advanceSequence(
  client: Client,
  table: string,
  columns: readonly string[],
): Promise<void> {
  if (!columns.includes('id')) return
  const ask = `SELECT pg_get_serial_sequence($1, 'id') AS name`
  const { rows } = await client.query<{ name: string | null }>(ask, [quote(table)])
  const sequence = rows[0]?.name ?? null
  if (sequence === null) return
  const next = `SELECT setval($1, (SELECT coalesce(max("id"), 0) + 1 FROM ${quote(table)}), false)`
  await client.query(next, [sequence])
}

/** What was revoked stays so. */
export async function copyLines(client: Client, lines: readonly KeptLine[]): Promise<void> {
  for (const { at, line } of lines) {
    await client.query('INSERT INTO sallyport_revocation (at, line) VALUES ($1, $2)', [at, line])
  }
}
