import { setTimeout as wait } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import type { SqliteConfig } from '../../../../config/types.ts'
import { StartupError } from '../../../../errors/startup.ts'

const patienceMs = 30_000
const pauseMs = 20
const sqliteBusy = 5

/**
 * Runs `work` while nobody else does so for the same database, in this process or another. The lock is SQLite's own, on a
 * file beside the database: the system releases it when its holder dies, so that none is ever left behind. Rejects with a
 * `StartupError` when it cannot be had for 30 s.
 */
export async function withLock<T>({ file }: SqliteConfig, work: () => T | Promise<T>): Promise<T> {
  if (file === ':memory:') return work()
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 })
  try {
    await take(lock, file)
    return await work()
  } finally {
    // Closing gives the lock back.
    lock.close()
  }
}

/** SQLite's own waiting would stop the event loop, and with it a holder in this very process. */
async function take(lock: DatabaseSync, file: string): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!tryTake(lock)) {
    if (performance.now() > deadline) {
      const seconds = patienceMs / 1000
      throw new StartupError(
        `auth.database: another process has been preparing ${file} for ${seconds} s`,
      )
    }
    await wait(pauseMs)
  }
}

function tryTake(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if ((error as { errcode?: number }).errcode === sqliteBusy) return false
    throw error
  }
}
