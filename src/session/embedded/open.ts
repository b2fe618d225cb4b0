import { betterAuth, type BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import type { RevocationListener, SessionSource } from '../port.ts'
import { openDatabase } from './database.ts'
import { withMigrationLock } from './lock.ts'
import { loadAuthModule } from './module.ts'
import { mountBetterAuth } from './mount.ts'
import { toBetterAuthOptions } from './options.ts'
import { createPasswordHasher } from './password.ts'
import { createGatewayPlugin } from './plugin.ts'
import { createEmbeddedSource } from './source.ts'

export interface EmbeddedParts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly listener: RevocationListener
}

/** A Better Auth that lives in this process. */
export interface EmbeddedAuth {
  readonly source: SessionSource
  readonly register: (app: FastifyInstance) => void
  /** Whether its database answers. */
  readonly isAlive: () => boolean
  readonly close: () => void
}

/** What a migration did, or would do. */
export interface Migration {
  /** Tables, and columns as `table.column`. */
  readonly created: readonly string[]
  readonly sql: string
}

/**
 * Opens the embedded Better Auth: its database, the user's options, its schema brought up to date while no other process
 * does the same. Rejects with a `StartupError` of one sentence.
 */
export async function openEmbeddedAuth(
  config: GatewayConfig,
  parts: EmbeddedParts,
): Promise<EmbeddedAuth> {
  const { options, close, database } = await prepare(config, parts)
  const { created } = await migrate(config, options, false)
  if (created.length > 0) parts.logger.info({ created }, 'auth database migrated')
  const auth = betterAuth(options)
  return {
    source: createEmbeddedSource(auth, config.auth.session, parts.clock.now),
    register: (app) => {
      const { path } = config.auth
      const { publicUrl } = config.server
      mountBetterAuth(app, { path, publicUrl, handler: auth.handler })
    },
    isAlive: () => {
      try {
        return database.prepare('SELECT 1').get() !== undefined
      } catch {
        return false
      }
    },
    close,
  }
}

/** Brings the schema up to date, or with `dryRun` says what that would take. */
export async function migrateDatabase(
  config: GatewayConfig,
  parts: EmbeddedParts & { readonly dryRun: boolean },
): Promise<Migration> {
  const { options, close } = await prepare(config, parts)
  try {
    return await migrate(config, options, parts.dryRun)
  } finally {
    close()
  }
}

async function prepare(
  config: GatewayConfig,
  parts: EmbeddedParts,
): Promise<{
  readonly options: BetterAuthOptions
  readonly database: ReturnType<typeof openDatabase>
  readonly close: () => void
}> {
  const user = await loadAuthModule(config.auth.module)
  const database = openDatabase(config.auth.database)
  const options = toBetterAuthOptions(config, {
    database,
    user,
    plugin: createGatewayPlugin(parts.listener, config.auth.signUp),
    password: createPasswordHasher(),
    logger: parts.logger,
  })
  return {
    options,
    database,
    close: () => {
      database.close()
    },
  }
}

async function migrate(
  config: GatewayConfig,
  options: BetterAuthOptions,
  dryRun: boolean,
): Promise<Migration> {
  const { database } = config.auth
  try {
    return await withMigrationLock(database, async () => {
      const { toBeCreated, toBeAdded, compileMigrations, runMigrations } =
        await getMigrations(options)
      const sql = await compileMigrations()
      const created = [
        ...toBeCreated.map(({ table }) => table),
        ...toBeAdded.flatMap(({ table, fields }) =>
          Object.keys(fields).map((field) => `${table}.${field}`),
        ),
      ]
      if (!dryRun && created.length > 0) await runMigrations()
      return { created, sql: created.length === 0 ? '' : sql }
    })
  } catch (error) {
    if (error instanceof StartupError) throw error
    const [reason] = (error as Error).message.split('\n')
    throw new StartupError(`auth.database: cannot migrate ${database.file}: ${reason ?? 'unknown'}`)
  }
}
