import type { DatabaseConfig } from '../../../config/types.ts'
import { openPostgres } from './postgres.ts'
import type { AuthStore } from './port.ts'
import { openSqlite } from './sqlite/open.ts'
import type { FailureWatch } from './watch.ts'

/**
 * Opens the auth database. Rejects with a `StartupError` of one sentence when it cannot be used.
 * @param watch is told of failures that are the database's
 */
export function openStore(config: DatabaseConfig, watch: FailureWatch): Promise<AuthStore> {
  return config.kind === 'sqlite' ? openSqlite(config, watch) : openPostgres(config.url, watch)
}
