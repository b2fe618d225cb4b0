import type { DatabaseSync } from 'node:sqlite'
import type { Pool } from 'pg'
import type { RevocationLog } from '../../revocation/log.ts'
import type { OpenTickets } from '../../tickets/open.ts'

/** What Better Auth takes; of a pool it only asks for connections. */
export type Database = DatabaseSync | Pool

/** What is missing in a database, or was made there. */
export interface Tables {
  readonly created: readonly string[]
  readonly sql: string
}

/** Where Better Auth keeps its tables: open, and shared with whoever else has it open. */
export interface AuthStore {
  /** For messages: a path, or host and name; never a password. */
  readonly name: string
  /** Better Auth's own connections. */
  readonly database: Database
  /** Connections for reading sessions, which nothing that Better Auth does may hold up. */
  readonly reader: Database
  /**
   * Runs `work` while nobody else does so for the same database, in this process or another. Whatever happens to its holder, the lock
   * is released. Rejects with a `StartupError` when it cannot be had for 30 s.
   */
  withLock<T>(work: () => T | Promise<T>): Promise<T>
  /** Makes the tables of ours that are missing; with `dryRun` only says which. */
  createTables(dryRun: boolean): Promise<Tables>
  /** Throws where the failure of a statement that was made before could have been overlooked. */
  confirm(): void
  /** Whether it answers, within a second. */
  isAlive(): Promise<boolean>
  /** null where nobody else can have it open. `keepMs` and `now` in milliseconds. */
  createLog(keepMs: number, now: () => number): RevocationLog | null
  /** What tickets are kept in. `now` in milliseconds. */
  createTickets(now: () => number): OpenTickets
  close(): Promise<void>
}
