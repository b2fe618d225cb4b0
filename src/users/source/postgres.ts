import { Client, type QueryArrayResult } from 'pg'
import { StartupError } from '../../errors/startup.ts'
import { reasonOf } from '../../session/embedded/store/outage.ts'
import { quote } from '../../session/embedded/store/tables.ts'
import { emptyToNull, usualTables, type SourceRow, type UserSource } from './port.ts'

const connectMs = 10_000
const rowsAtOnce = 500

/** Every value as PostgreSQL writes it: what a time without a zone means is not for the driver to say. */
const asText = { getTypeParser: () => (value: string) => value }
const bytea = 17
const undefinedTable = '42P01'

/**
 * Opens a table of a PostgreSQL database, in a transaction that can only read and sees none of what others write meanwhile. Rejects with a
 * `StartupError` of one sentence, without the password of the URL.
 * @param table with its schema where the search path does not lead to it; null: as it is usually called
 */
export async function openPostgresSource(url: string, table: string | null): Promise<UserSource> {
  const { host, pathname } = new URL(url)
  const name = `PostgreSQL at ${host}${pathname}`
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    application_name: 'sallyport users import',
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(
      `SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex';
       SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`,
    )
    const found = await findTable(client, name, table)
    return {
      name: `${name}, table ${found.name}`,
      table: found.name.slice(found.name.lastIndexOf('.') + 1),
      columns: found.columns.map((column) => ({ name: column, holdsUuids: false })),
      read: (columns, orderBy) => rowsOf(client, found.name, columns, orderBy),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    if (error instanceof StartupError) throw error
    throw new StartupError(`--from: cannot read ${name}: ${reasonOf(error as Error)}`)
  }
}

interface FoundTable {
  readonly name: string
  readonly columns: readonly string[]
}

async function findTable(
  client: Client,
  database: string,
  table: string | null,
): Promise<FoundTable> {
  const wanted = table === null ? usualTables : [table]
  for (const name of wanted) {
    const columns = await columnsOf(client, name)
    if (columns !== null) return { name, columns }
  }
  const { rows } = await client.query<{ readonly name: string }>(
    `SELECT CASE WHEN table_schema = ANY (current_schemas(false)) THEN '' ELSE table_schema || '.' END || table_name AS name
       FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  )
  const others =
    rows.length === 0 ? 'none at all' : `only ${rows.map(({ name }) => name).join(', ')}`
  throw new StartupError(`--table: there is no ${wanted.join(' or ')} in ${database}, ${others}`)
}

/** null: there is no such table. What has failed ends a transaction, unless it can go back to a savepoint. */
async function columnsOf(client: Client, table: string): Promise<readonly string[] | null> {
  await client.query('SAVEPOINT looking')
  try {
    const { fields } = await client.query(`SELECT * FROM ${quoteTable(table)} LIMIT 0`)
    return fields.map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefinedTable) throw error
    await client.query('ROLLBACK TO SAVEPOINT looking')
    return null
  }
}

async function* rowsOf(
  client: Client,
  table: string,
  columns: readonly string[],
  orderBy: string,
): AsyncGenerator<SourceRow> {
  const list = columns.map(quote).join(', ')
  const select = `SELECT ${list} FROM ${quoteTable(table)} ORDER BY ${quote(orderBy)}`
  await client.query(`DECLARE users NO SCROLL CURSOR FOR ${select}`)
  let row = 0
  for (;;) {
    const { rows, fields } = await fetch(client)
    if (rows.length === 0) return
    for (const values of rows) {
      row += 1
      yield { row, cells: values.map((value, at) => toText(value, fields[at]?.dataTypeID)) }
    }
  }
}

function fetch(client: Client): Promise<QueryArrayResult<(string | null)[]>> {
  return client.query<(string | null)[]>({
    text: `FETCH ${rowsAtOnce} FROM users`,
    rowMode: 'array',
    types: asText,
  })
}

function toText(value: string | null, type: number | undefined): string | null {
  if (value === null) return null
  // Python's bcrypt gives bytes, and some store them as such.
  return emptyToNull(type === bytea ? Buffer.from(value.slice(2), 'hex').toString() : value)
}

function quoteTable(name: string): string {
  return name.split('.').map(quote).join('.')
}
