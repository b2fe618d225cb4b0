import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { StartupError } from '../../../../errors/startup.ts'

/** Better Auth's own; whatever lacks one of them is another database. */
const needed = ['user', 'session', 'account', 'verification']

/**
 * Copies a database that is in use to a file that is not there yet, readable by its owner only. The copy is one moment of the database, is looked through for damage, and
 * gets its name when it is whole. Rejects with a `StartupError`.
 */
export async function copyDatabase(source: string, target: string): Promise<void> {
  if (!existsSync(source)) throw new StartupError(`backup: there is no ${source}`)
  if (existsSync(target)) throw new StartupError(`backup: ${target} is there already`)
  const part = `${target}.part`
  const database = new DatabaseSync(source, { readOnly: true, timeout: 5000 })
  try {
    closeSync(openSync(part, 'wx', 0o600))
    await backup(database, part)
    settle(part)
    const problem = judgeDatabase(part)
    if (problem !== null) throw new StartupError(`backup: the copy is of no use: ${problem}`)
    // Unlike a rename, a link replaces nothing.
    linkSync(part, target)
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new StartupError(`backup: cannot write ${target}: ${(error as Error).message}`)
  } finally {
    database.close()
    rmSync(part, { force: true })
  }
}

/** A copy is one file, without a log beside it. */
function settle(file: string): void {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('PRAGMA journal_mode = DELETE')
  } finally {
    copy.close()
  }
}

/** What is wrong with a database, or null. */
function judgeDatabase(file: string): string | null {
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      const found = String(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'])
      if (found !== 'ok') return found
      const known = database.prepare('SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ?')
      const missing = needed.find((table) => known.get('table', table) === undefined)
      return missing === undefined ? null : `it has no table ${missing}`
    } finally {
      database.close()
    }
  } catch (error) {
    return (error as Error).message
  }
}

/**
 * Puts a copy in the place of a database that nobody has open. Sessions, and what was mailed and not used yet, are left behind: some of it was revoked after
 * the copy was made, and nobody knows which. The database that was there is kept under the name that is answered; null: there was none. Throws a `StartupError`,
 * and then has changed nothing.
 */
export function replaceDatabase(source: string, target: string, nowMs: number): string | null {
  if (!existsSync(source)) throw new StartupError(`restore: there is no ${source}`)
  const problem = judgeDatabase(source)
  if (problem !== null) throw new StartupError(`restore: ${source} is of no use: ${problem}`)
  const had = existsSync(target)
  if (had) closeForGood(target)
  const part = `${target}.restoring`
  try {
    copyFileSync(source, part)
    chmodSync(part, 0o600)
    const copy = new DatabaseSync(part)
    copy.exec('DELETE FROM "session"; DELETE FROM "verification"; PRAGMA journal_mode = DELETE')
    copy.close()
    const kept = `${target}.before-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`
    if (had) renameSync(target, kept)
    renameSync(part, target)
    return had ? kept : null
  } catch (error) {
    rmSync(part, { force: true })
    throw new StartupError(`restore: cannot replace ${target}: ${(error as Error).message}`)
  }
}

/** Writes what is in its log into the database itself, which only goes while nobody else has it open: a log that is left behind would be taken for the new file's. */
function closeForGood(file: string): void {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode = DELETE')
  } catch {
    throw new StartupError(`restore: ${file} is in use: stop every gateway first`)
  } finally {
    database.close()
  }
}
