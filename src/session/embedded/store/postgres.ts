import { hash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Client, Pool, type PoolClient } from 'pg'
import { StartupError } from '../../../errors/startup.ts'
import { PostgresLog, postgresLogTable } from '../../revocation/logs/postgres.ts'
import { PostgresTickets, postgresTicketTable } from '../../tickets/postgres.ts'
import { isOutage, reasonOf } from './outage.ts'
import type { AuthStore, Tables } from './port.ts'
import { createMissing } from './tables.ts'
import type { FailureWatch } from './watch.ts'

const tables = { sallyport_revocation: postgresLogTable, sallyport_ticket: postgresTicketTable }
const patienceMs = 30_000
const pauseMs = 50
/** How long a request waits for a connection, and then for what it reads of a session, milliseconds. */
const connectMs = 400
const readMs = 600
/** How long the first connections may take at the start, where nobody waits yet and the process is cold, milliseconds. */
const firstMs = 5000
/** How long a statement of Better Auth's may take, milliseconds. */
const statementMs = 5000

/**
 * Opens a PostgreSQL database for Better Auth. Rejects with a `StartupError` of one sentence when it cannot be used. The tables are where the
 * user's `search_path` says.
 */
export async function openPostgres(url: string, watch: FailureWatch): Promise<AuthStore> {
  const name = nameOf(url)
  const pool = openPool(url, 10, statementMs)
  const readers = openPool(url, 5, readMs)
  const close = async (): Promise<void> => {
    await Promise.all([pool.end(), readers.end()])
  }
  try {
    await Promise.all([warm(readers), warm(pool)])
  } catch (error) {
    await close()
    throw new StartupError(`auth.database: cannot open ${name}: ${reasonOf(error as Error)}`)
  }
  return {
    name,
    database: watched(pool, watch),
    reader: watched(readers, watch),
    withLock: (work) => withLock(url, name, work),
    createTables: (dryRun) => createTables(pool, dryRun),
    confirm: () => undefined,
    isAlive: () =>
      readers.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    createLog: (keepMs, now) => new PostgresLog({ url, pool, keepMs, now }),
    createTickets: (now) => ({ store: new PostgresTickets(readers, now), close: () => undefined }),
    close,
  }
}

function openPool(url: string, max: number, statementMs: number): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs,
    keepAlive: true,
    application_name: 'sallyport',
    allowExitOnIdle: true,
  })
  // A connection may end at any time; the pool opens another one when it is needed.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
  })
  return pool
}

/** Opens the first connection of a pool, which stays open for what follows. */
async function warm(pool: Pool): Promise<void> {
  pool.options.connectionTimeoutMillis = firstMs
  try {
    const ask = { text: 'SELECT 1', query_timeout: firstMs }
    await pool.query(ask)
  } finally {
    pool.options.connectionTimeoutMillis = connectMs
  }
}

/** The pool as Kysely sees it, with failures noted. A connection on which one happened is not used again. */
function watched(pool: Pool, watch: FailureWatch): Pool {
  // The driver knows its connections by identity.
  const known = new WeakMap<PoolClient, WatchedClient>()
  return {
    connect: async () => {
      try {
        const client = await pool.connect()
        const wrapped = known.get(client) ?? new WatchedClient(client, watch)
        known.set(client, wrapped)
        return wrapped
      } catch (error) {
        watch.note(error as Error)
        throw error
      }
    },
    end: () => pool.end(),
  } as unknown as Pool
}

/** Ids are UUIDs, and PostgreSQL refuses to look for what is none (SQLSTATE 22P02). Nobody has it. */
function isSearchForNoId(sql: string, { code }: NodeJS.ErrnoException): boolean {
  return code === '22P02' && sql.startsWith('select ')
}

const nothing = { command: 'SELECT', rowCount: 0, rows: [] }

class WatchedClient {
  readonly #client: PoolClient
  readonly #watch: FailureWatch
  #isBroken = false

  constructor(client: PoolClient, watch: FailureWatch) {
    this.#client = client
    this.#watch = watch
  }

  async query(sql: string, parameters: unknown[]): Promise<unknown> {
    try {
      return await this.#client.query(sql, parameters)
    } catch (error) {
      if (isSearchForNoId(sql, error as NodeJS.ErrnoException)) return nothing
      if (isOutage(error as Error)) {
        this.#isBroken = true
        this.#watch.note(error as Error)
      }
      throw error
    }
  }

  release(): void {
    this.#client.release(this.#isBroken)
  }
}

/** An advisory lock of the database (PostgreSQL §13.3.5), on a connection of its own: it ends with it. */
async function withLock<T>(url: string, name: string, work: () => T | Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const deadline = performance.now() + patienceMs
    while (!(await tryLock(client))) {
      if (performance.now() > deadline) {
        const seconds = patienceMs / 1000
        throw new StartupError(
          `auth.database: another process has been preparing ${name} for ${seconds} s`,
        )
      }
      await wait(pauseMs)
    }
    return await work()
  } finally {
    await client.end()
  }
}

/** Any number will do that is ours. */
const lockKey = hash('sha256', 'sallyport: migration', 'buffer').readBigInt64BE().toString()

async function tryLock(client: Client): Promise<boolean> {
  const query = 'SELECT pg_try_advisory_lock($1) AS taken'
  const { rows } = await client.query<{ taken: boolean }>(query, [lockKey])
  return rows[0]?.taken === true
}

async function createTables(pool: Pool, dryRun: boolean): Promise<Tables> {
  const missing: string[] = []
  for (const table of Object.keys(tables)) {
    const look = 'SELECT to_regclass($1) AS found'
    const { rows } = await pool.query<{ found: string | null }>(look, [table])
    if (rows[0]?.found === null) missing.push(table)
  }
  return createMissing(missing, tables, (sql) => (dryRun ? undefined : pool.query(sql)))
}

function nameOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `PostgreSQL at ${host}${pathname}`
}
