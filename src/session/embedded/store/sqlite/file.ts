import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SqliteConfig } from '../../../../config/types.ts'
import { StartupError } from '../../../../errors/startup.ts'
import { withLock } from './lock.ts'

/** How long a statement waits for another process's write, milliseconds. */
const busyTimeoutMs = 5000

/**
 * Opens the auth database, creating file and folder where they are missing, readable by their owner only. Rejects with a
 * `StartupError` of one sentence when it cannot be read and written.
 */
export async function openDatabase(config: SqliteConfig): Promise<DatabaseSync> {
  const { file } = config
  let database: DatabaseSync | null = null
  try {
    if (file !== ':memory:') prepareFile(file)
    const opened = (database = new DatabaseSync(file, { timeout: busyTimeoutMs }))
    // Whoever switches to WAL while another process does so is turned away at once, whatever its timeout says.
    await withLock(config, () => {
      opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    })
    return opened
  } catch (error) {
    database?.close()
    if (error instanceof StartupError) throw error
    throw new StartupError(`auth.database: cannot open ${file}: ${reasonOf(error, file)}`)
  }
}

function prepareFile(file: string): void {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  accessSync(folder, constants.R_OK | constants.W_OK)
  // SQLite would leave it to the umask who may read it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

function reasonOf(error: unknown, file: string): string {
  const { code, errcode, message } = error as NodeJS.ErrnoException & { errcode?: number }
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'a part of its path is a file'
  if (code === 'EACCES' || code === 'EPERM') return `${dirname(file)} is not writable by this user`
  if (code === 'EROFS') return 'it is on a read-only file system'
  if (isFolder(file)) return 'it is a folder'
  const reasons: Readonly<Record<number, string>> = {
    5: 'another process keeps it locked',
    8: 'it is read-only',
    13: 'the disk is full',
    14: `it, or ${dirname(file)}, is not writable by this user`,
    26: 'it is not an SQLite database',
  }
  // The low byte is SQLite's primary result code; the rest only refines it.
  return reasons[(errcode ?? 0) & 0xff] ?? message
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
}

/** A second connection for reading only; the database's own where it lives in memory, which can have but one. */
export function openReader(config: SqliteConfig, database: DatabaseSync): DatabaseSync {
  if (config.file === ':memory:') return database
  return new DatabaseSync(config.file, { readOnly: true, timeout: busyTimeoutMs })
}
