import type { BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { StartupError } from '../../errors/startup.ts'

export interface Migration {
  /** The statements, or an empty text when there is nothing to do. */
  readonly sql: string
  /** Tables by name and columns as `table.column`. */
  readonly created: readonly string[]
}

/**
 * Compares the database with what Better Auth and its plugins need, and makes what is missing, unless `dryRun` is set. The
 * caller holds the database's lock; nothing is ever removed or changed.
 *
 * Rejects with a `StartupError` when a column cannot be added without losing or inventing data.
 */
export async function migrate(
  options: BetterAuthOptions,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Migration> {
  try {
    const plan = await getMigrations(options)
    const created = [
      ...plan.toBeCreated.map(({ table }) => table),
      ...plan.toBeAdded.flatMap(({ table, fields }) =>
        Object.keys(fields).map((field) => `${table}.${field}`),
      ),
    ]
    const sql = await plan.compileMigrations()
    if (!dryRun) await plan.runMigrations()
    return { sql: sql === ';' ? '' : sql, created }
  } catch (error) {
    throw new StartupError(
      `auth.database: cannot be brought up to date: ${(error as Error).message}`,
    )
  }
}
