import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { assembleOptions, createAuth, type AuthDeps } from '../better-auth/create.ts'
import type { AuthModuleOptions } from '../better-auth/index.ts'
import { loadAuthModule } from '../better-auth/module.ts'
import type { Clock } from '../clock.ts'
import type { GatewayConfig } from '../config/types.ts'
import { withDatabaseLock } from './sqlite/lock.ts'
import { openDatabase, openReadOnly } from './sqlite/open.ts'
import { migrate, type Migration } from './sqlite/migrate.ts'
import { registerAuthRoutes } from './mount.ts'
import type { RevocationListener, SessionSource } from './port.ts'
import { createSessionSource } from './source.ts'

export interface EmbeddedAuthDeps {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly listener: RevocationListener
}

/** Better Auth, hosted in this process. */
export interface EmbeddedAuth {
  readonly source: SessionSource
  /** Mounts Better Auth at `auth.path`. */
  register(app: FastifyInstance): void
  /** Whether the database answers a read. */
  isAlive(): boolean
  /** Closes the database. Safe to call twice; whatever is still asked of it afterwards rejects. */
  close(): void
}

/**
 * Opens the database, makes the tables that are missing, and starts Better Auth on it. Any number of processes may do this
 * at once on one database. Rejects with a `StartupError` of one sentence when the database or `auth.module` is unusable.
 */
export async function openEmbeddedAuth(
  config: GatewayConfig,
  { logger, clock, listener }: EmbeddedAuthDeps,
): Promise<EmbeddedAuth> {
  const userOptions = await loadUserOptions(config)
  const { file } = config.auth.database
  const connections: DatabaseSync[] = []
  try {
    const deps = await withDatabaseLock(config.auth.database, async () => {
      const database = openDatabase(config.auth.database)
      connections.push(database)
      const found: AuthDeps = { config, database, userOptions, listener, logger, clock }
      const { created } = await migrate(assembleOptions(found))
      if (created.length > 0) logger.info({ created }, 'the database was brought up to date')
      return found
    })
    const reader = file === ':memory:' ? deps.database : openReadOnly(config.auth.database)
    connections.push(reader)
    const auth = await createAuth(deps)
    const source = await createSessionSource({ auth, config, clock, reader })
    const isAlive = (): boolean => canRead(deps.database) && canRead(reader)
    return {
      source,
      register: (app) => {
        registerAuthRoutes(app, { auth, config, isAlive })
      },
      isAlive,
      close: () => {
        closeAll(connections)
      },
    }
  } catch (error) {
    closeAll(connections)
    throw error
  }
}

/**
 * What `openEmbeddedAuth` does to the database, without serving. With `dryRun`, nothing is written, not even the file.
 * Rejects with a `StartupError` under the same conditions.
 */
export async function migrateDatabase(
  config: GatewayConfig,
  { dryRun, ...deps }: EmbeddedAuthDeps & { readonly dryRun: boolean },
): Promise<Migration> {
  const userOptions = await loadUserOptions(config)
  const run = async (database: DatabaseSync): Promise<Migration> => {
    try {
      return await migrate(assembleOptions({ config, database, userOptions, ...deps }), { dryRun })
    } finally {
      database.close()
    }
  }
  const where = config.auth.database
  if (!dryRun) return withDatabaseLock(where, () => run(openDatabase(where)))
  return run(existsSync(where.file) ? openReadOnly(where) : new DatabaseSync(':memory:'))
}

function loadUserOptions({ auth }: GatewayConfig): Promise<AuthModuleOptions> {
  return auth.module === null ? Promise.resolve({}) : loadAuthModule(auth.module)
}

function canRead(database: DatabaseSync): boolean {
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return true
  } catch {
    return false
  }
}

function closeAll(connections: readonly DatabaseSync[]): void {
  for (const connection of connections) if (connection.isOpen) connection.close()
}
