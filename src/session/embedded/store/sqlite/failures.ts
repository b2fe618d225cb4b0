import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { FailureWatch } from '../watch.ts'

/** SQLite's primary result codes for what is a statement's own fault: a constraint, a wrong type, wrong SQL or use. */
const ownFault = new Set([1, 18, 19, 20, 21, 25])
/** The message of the one kind of wrong SQL that is the database's: its tables are gone. */
const missing = /^no such (?:table|column)/

/**
 * Makes every transaction one that writes from its beginning. Better Auth reads first and hashes a password before it writes; SQLite refuses such a transaction as soon
 * as anybody else has written meanwhile, and no waiting helps (SQLITE_BUSY_SNAPSHOT).
 */
export function writeFromTheBeginning(database: DatabaseSync): void {
  const prepare = database.prepare.bind(database)
  database.prepare = (sql, ...more) =>
    prepare(/^begin$/i.test(sql) ? 'BEGIN IMMEDIATE' : sql, ...more)
}

/** Has the watch told of every statement of Better Auth's that fails because of the database: locked, full, read-only, gone bad. */
export function noteFailures(database: DatabaseSync, watch: FailureWatch): void {
  const prepare = database.prepare.bind(database)
  database.prepare = (...given) => {
    const statement = noted(() => prepare(...given), watch)
    for (const name of ['all', 'get', 'run'] as const) wrap(statement, name, watch)
    return statement
  }
}

function wrap(statement: StatementSync, name: 'all' | 'get' | 'run', watch: FailureWatch): void {
  const run = statement[name].bind(statement) as (...given: unknown[]) => unknown
  Object.defineProperty(statement, name, {
    value: (...given: unknown[]) => noted(() => run(...given), watch),
  })
}

function noted<T>(work: () => T, watch: FailureWatch): T {
  try {
    return work()
  } catch (error) {
    const { errcode, message } = error as Error & { readonly errcode?: number }
    const isOwn = ownFault.has((errcode ?? 0) & 0xff) && !missing.test(message)
    if (!isOwn) watch.note(error as Error)
    throw error
  }
}
