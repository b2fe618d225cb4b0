import type { DatabaseSync } from 'node:sqlite'
import type { SqliteConfig } from '../../../../config/types.ts'
import { SqliteLog, sqliteLogTable } from '../../../revocation/logs/sqlite.ts'
import { MemoryTickets } from '../../../tickets/memory.ts'
import { SqliteTickets, sqliteTicketTable } from '../../../tickets/sqlite.ts'
import type { OpenTickets } from '../../../tickets/open.ts'
import { createMissing } from '../tables.ts'
import { openDatabase, openReader } from './file.ts'
import { withLock } from './lock.ts'
import type { AuthStore, Tables } from '../port.ts'
import { storeFailure, type FailureWatch } from '../watch.ts'
import { noteFailures, writeFromTheBeginning } from './failures.ts'

/** Opens an SQLite file for Better Auth; rejects with a `StartupError` of one sentence when it cannot be read and written. */
export async function openSqlite(config: SqliteConfig, watch: FailureWatch): Promise<AuthStore> {
  const { file } = config
  const database = await openDatabase(config)
  const reader = openReader(config, database)
  writeFromTheBeginning(database)
  noteFailures(database, watch)
  const isAlive = (): boolean => answers(database) && answers(reader)
  return {
    name: file,
    database,
    reader,
    withLock: (work) => withLock(config, work),
    createTables: (dryRun) => createTables(database, dryRun),
    // A file that has been closed or replaced gives no error that says so.
    confirm: () => {
      if (!isAlive()) throw storeFailure(new Error(`${file} does not answer`))
    },
    isAlive: () => Promise.resolve(isAlive()),
    createLog: (keepMs, now) => (file === ':memory:' ? null : new SqliteLog({ file, keepMs, now })),
    createTickets: (now) => createTickets(file, now),
    close: () => {
      for (const each of [reader, database]) if (each.isOpen) each.close()
      return Promise.resolve()
    },
  }
}

/** Reads a page of the file: a statement without a table would be answered with the file gone bad. */
function answers(database: DatabaseSync): boolean {
  try {
    return database.prepare('SELECT count(*) FROM sqlite_schema').get() !== undefined
  } catch {
    return false
  }
}

const tables = { sallyport_revocation: sqliteLogTable, sallyport_ticket: sqliteTicketTable }

/** The tables of ours that are missing. */
export function missingTables(database: DatabaseSync): Promise<Tables> {
  return createTables(database, true)
}

function createTables(database: DatabaseSync, dryRun: boolean): Promise<Tables> {
  const known = database.prepare('SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ?')
  const missing = Object.keys(tables).filter((name) => known.get('table', name) === undefined)
  return createMissing(missing, tables, (sql) => {
    if (!dryRun) database.exec(sql)
  })
}

/** Nobody else can have a database in memory. */
function createTickets(file: string, now: () => number): OpenTickets {
  if (file === ':memory:') return { store: new MemoryTickets(now), close: () => undefined }
  const store = new SqliteTickets(file, now)
  return {
    store,
    close: () => {
      store.close()
    },
  }
}
