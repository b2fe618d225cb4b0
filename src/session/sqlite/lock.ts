import { setTimeout as pause } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import type { DatabaseConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { createFile, displayPath, toDatabaseError } from './open.ts'

const patienceMs = 30_000
const retryMs = 25

/**
 * Runs `work` while no other process (nor another caller in this one) runs under the same database's lock. The lock is a
 * write lock on `<database>.lock`, which the kernel releases when a process dies, however it dies.
 *
 * It is polled, because SQLite's own waiting blocks the thread, and the holder may be in this very process. Rejects with a
 * `StartupError` when the lock is not free within 30 s, and with whatever `work` rejects with.
 */
export async function withDatabaseLock<T>(
  config: DatabaseConfig,
  work: () => T | Promise<T>,
): Promise<T> {
  if (config.file === ':memory:') return work()
  const lock = await acquire(config)
  try {
    return await work()
  } finally {
    lock.close()
  }
}

async function acquire(config: DatabaseConfig): Promise<DatabaseSync> {
  const file = `${config.file}.lock`
  const lock = openLock(config, file)
  const deadline = performance.now() + patienceMs
  try {
    while (!tryBegin(lock)) {
      if (performance.now() > deadline) {
        const held = `${displayPath(file)} has been held by another process for 30 s`
        throw new StartupError(`auth.database: ${held}`)
      }
      await pause(retryMs)
    }
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}

function openLock(config: DatabaseConfig, file: string): DatabaseSync {
  try {
    createFile(file)
    return new DatabaseSync(file, { timeout: 0 })
  } catch (error) {
    throw toDatabaseError(config, error)
  }
}

function tryBegin(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    if ((error as { errcode?: number }).errcode === 5) return false
    throw error
  }
}
