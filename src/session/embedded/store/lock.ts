import { DatabaseSync } from 'node:sqlite'
import type { DatabaseConfig } from '../../../config/types.ts'
import { StartupError } from '../../../errors/startup.ts'

const lockTimeoutMs = 30_000

/**
 * Runs `work` while no other process does so for the same database. The lock is SQLite's own, on a file beside the database:
 * the system releases it when its holder dies, so that none is ever left behind.
 */
export async function withMigrationLock<T>(
  config: DatabaseConfig,
  work: () => Promise<T>,
): Promise<T> {
  if (config.file === ':memory:') return work()
  const lock = new DatabaseSync(`${config.file}.lock`, { timeout: lockTimeoutMs })
  try {
    lock.exec('BEGIN IMMEDIATE')
  } catch {
    lock.close()
    throw new StartupError(
      `auth.database: another process has been migrating ${config.file} for ${lockTimeoutMs / 1000} s`,
    )
  }
  try {
    return await work()
  } finally {
    lock.exec('ROLLBACK')
    lock.close()
  }
}
