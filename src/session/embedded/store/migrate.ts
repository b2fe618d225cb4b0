import type { BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { StartupError } from '../../../errors/startup.ts'
import type { AuthStore, Tables } from './port.ts'

/**
 * Brings the schema up to what the options need, while no other process does the same; with `dryRun` only says what that
 * would take. Rejects with a `StartupError` of one sentence, for example where a plugin wants a required column that the
 * rows which are there could not have.
 */
export async function migrate(
  store: AuthStore,
  options: BetterAuthOptions,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Tables> {
  try {
    return await store.withLock(() => apply(store, options, dryRun))
  } catch (error) {
    if (error instanceof StartupError) throw error
    const [reason] = (error as Error).message.split('\n')
    throw new StartupError(`auth.database: cannot migrate ${store.name}: ${reason ?? 'unknown'}`)
  }
}

async function apply(
  store: AuthStore,
  options: BetterAuthOptions,
  dryRun: boolean,
): Promise<Tables> {
  const { toBeCreated, toBeAdded, compileMigrations, runMigrations } = await getMigrations(options)
  const ours = await store.createTables(dryRun)
  const theirs = [
    ...toBeCreated.map(({ table }) => table),
    ...toBeAdded.flatMap(({ table, fields }) =>
      Object.keys(fields).map((field) => `${table}.${field}`),
    ),
  ]
  if (theirs.length === 0) return ours
  const sql = await compileMigrations()
  if (!dryRun) await runMigrations()
  return { created: [...theirs, ...ours.created], sql: [sql, ours.sql].join('\n\n').trim() }
}
