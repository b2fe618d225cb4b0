import type { BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import type { DatabaseConfig } from '../../../config/types.ts'
import { StartupError } from '../../../errors/startup.ts'
import { withLock } from './lock.ts'

/** What a migration did, or would do. */
export interface Migration {
  /** Tables, and columns as `table.column`. */
  readonly created: readonly string[]
  readonly sql: string
}

/**
 * Brings the schema up to what the options need, while no other process does the same; with `dryRun` only says what that
 * would take. Rejects with a `StartupError` of one sentence, for example where a plugin wants a required column that the
 * rows which are there could not have.
 */
export async function migrate(
  database: DatabaseConfig,
  options: BetterAuthOptions,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Migration> {
  try {
    return await withLock(database, () => apply(options, dryRun))
  } catch (error) {
    if (error instanceof StartupError) throw error
    const [reason] = (error as Error).message.split('\n')
    throw new StartupError(`auth.database: cannot migrate ${database.file}: ${reason ?? 'unknown'}`)
  }
}

async function apply(options: BetterAuthOptions, dryRun: boolean): Promise<Migration> {
  const { toBeCreated, toBeAdded, compileMigrations, runMigrations } = await getMigrations(options)
  const created = [
    ...toBeCreated.map(({ table }) => table),
    ...toBeAdded.flatMap(({ table, fields }) =>
      Object.keys(fields).map((field) => `${table}.${field}`),
    ),
  ]
  if (created.length === 0) return { created, sql: '' }
  const sql = await compileMigrations()
  if (!dryRun) await runMigrations()
  return { created, sql }
}
