import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { DatabaseConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'

/** How long a statement waits for another process's write, milliseconds. */
const busyTimeoutMs = 5000

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'the folder or the file is not writable',
  EPERM: 'the folder or the file is not writable',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its parent is a file, not a folder',
  EEXIST: 'its parent is a file, not a folder',
  ENOENT: 'its folder cannot be made',
  ENOSPC: 'the disk is full',
}

/**
 * Opens the SQLite database for reading and writing: WAL, `synchronous=NORMAL`, 5 s of waiting for other writers. Makes the
 * folder (0700) and the file (0600) where they are missing; the modes of what exists are left alone.
 *
 * Throws a `StartupError` when that cannot be done. What is not checked: that the tables in it are ours.
 */
export function openDatabase(config: DatabaseConfig): DatabaseSync {
  try {
    createFile(config.file)
    const database = new DatabaseSync(config.file, { timeout: busyTimeoutMs })
    return configured(database)
  } catch (error) {
    throw toDatabaseError(config, error)
  }
}

/** Opens an existing database such that nothing can be written through it. Throws a `StartupError` like `openDatabase`. */
export function openReadOnly(config: DatabaseConfig): DatabaseSync {
  try {
    return new DatabaseSync(config.file, { readOnly: true, timeout: busyTimeoutMs })
  } catch (error) {
    throw toDatabaseError(config, error)
  }
}

/** The path as a person who started the gateway here would write it. */
export function displayPath(file: string): string {
  const near = relative(process.cwd(), file)
  return near === '' || near.startsWith('..') ? file : `./${near}`
}

/** Makes the file before SQLite does, which would give it the process's default mode; its `-wal` inherits it. */
export function createFile(file: string): void {
  if (file === ':memory:') return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
}

function configured(database: DatabaseSync): DatabaseSync {
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Says in one sentence why a database cannot be opened. */
export function toDatabaseError(config: DatabaseConfig, error: unknown): StartupError {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = reasons[code ?? ''] ?? message
  return new StartupError(`auth.database: cannot open ${displayPath(config.file)}: ${reason}`)
}
