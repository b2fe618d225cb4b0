import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { DatabaseConfig } from '../../../config/types.ts'
import { StartupError } from '../../../errors/startup.ts'
import { openPostgres } from './postgres.ts'
import type { AuthStore } from './port.ts'
import { missingTables } from './sqlite/open.ts'
import type { FailureWatch } from './watch.ts'

/**
 * Opens the auth database to look at it: no file is made, no lock is taken, and an SQLite file is opened for reading. Rejects with a `StartupError` of one sentence when it
 * cannot be read. An SQLite file must be there.
 */
export async function openToLook(config: DatabaseConfig, watch: FailureWatch): Promise<AuthStore> {
  const store =
    config.kind === 'sqlite' ? lookAtSqlite(config.file) : await openPostgres(config.url, watch)
  return { ...store, withLock: async (work) => work() }
}

function lookAtSqlite(file: string): AuthStore {
  const database = openForReading(file)
  return {
    name: file,
    database,
    reader: database,
    withLock: async (work) => work(),
    createTables: () => missingTables(database),
    confirm: () => undefined,
    isAlive: () => Promise.resolve(true),
    createLog: () => null,
    createTickets: () => {
      throw new Error('nothing is kept in a database that is only looked at')
    },
    close: () => {
      database.close()
      return Promise.resolve()
    },
  }
}

/**
 * Where nobody has the file open there is no write-ahead log, and reading would make one: such a file is told to stay as it is (SQLite, "URI Filenames", `immutable`).
 * Throws a `StartupError`.
 */
export function openForReading(file: string): DatabaseSync {
  const url = pathToFileURL(file)
  url.searchParams.set('mode', 'ro')
  if (!existsSync(`${file}-wal`)) url.searchParams.set('immutable', '1')
  try {
    const database = new DatabaseSync(url, { readOnly: true, timeout: 1000 })
    try {
      database.prepare('SELECT count(*) FROM sqlite_schema').get()
      return database
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw new StartupError(
      `auth.database: cannot read ${file}: ${(error as Error).message.split('\n')[0] ?? ''}`,
    )
  }
}
