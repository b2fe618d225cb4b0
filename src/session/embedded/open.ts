import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { betterAuth, type Auth, type BetterAuthOptions } from 'better-auth'
import { getAdapter } from 'better-auth/db/adapter'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { DatabaseConfig, GatewayConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import type { RevocationListener, SessionSource } from '../port.ts'
import { createPasswordHashing } from './limits/password.ts'
import { localAttempts, type Attempts } from './limits/rate-limit.ts'
import { loadAuthModule } from './module/load.ts'
import { mountBetterAuth, type AddressOf } from './mount.ts'
import { toBetterAuthOptions } from './options.ts'
import { createGatewayPlugin } from './plugin.ts'
import { createEmbeddedSource } from './source.ts'
import { openDatabase, openReader } from './store/database.ts'
import { migrate, type Migration } from './store/migrate.ts'

export interface EmbeddedParts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly listener: RevocationListener
  /** Left out: this process counts for itself. */
  readonly attempts?: Attempts
}

/** A Better Auth that lives in this process. */
export interface EmbeddedAuth {
  readonly source: SessionSource
  /** Mounts it at `auth.path`; `addressOf` tells a client's address. */
  readonly register: (app: FastifyInstance, addressOf: AddressOf) => void
  /** Whether its database answers. */
  readonly isAlive: () => boolean
  readonly close: () => void
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
  const auth = await start(config, options, parts.logger).catch((error: unknown) => {
    close()
    throw error
  })
  const readerDatabase = openReader(config.auth.database, database)
  const reader = await getAdapter({ ...(await auth.$context).options, database: readerDatabase })
  const isAlive = (): boolean => answers(database) && answers(readerDatabase)
  return {
    source: createEmbeddedSource(auth, reader, config.auth.session, parts.clock.now),
    register: (app, addressOf) => {
      const { path } = config.auth
      const { publicUrl } = config.server
      mountBetterAuth(app, { path, publicUrl, addressOf, handler: auth.handler, isAlive })
    },
    isAlive,
    close: () => {
      if (readerDatabase.isOpen) readerDatabase.close()
      close()
    },
  }
}

/** Reads a page of the file: a statement without a table would be answered with the file gone bad. */
function answers(database: DatabaseSync): boolean {
  try {
    return database.prepare('SELECT count(*) FROM sqlite_schema').get() !== undefined
  } catch {
    return false
  }
}

async function start(
  config: GatewayConfig,
  options: BetterAuthOptions,
  logger: FastifyBaseLogger,
): Promise<Auth> {
  const { created } = await migrate(config.auth.database, options, { dryRun: false })
  if (created.length > 0) logger.info({ created }, 'auth database migrated')
  const auth = betterAuth(options)
  const context = await auth.$context.catch((error: unknown) => {
    const [reason] = (error as Error).message.split('\n')
    throw new StartupError(`auth: Better Auth cannot start: ${reason ?? 'unknown'}`)
  })
  refuseForeignOrigins(context)
  return auth
}

/**
 * Better Auth also believes a variable of the environment, which nobody would find in the YAML. Origins that a plugin adds
 * are in its options, as ours are.
 */
function refuseForeignOrigins(context: Awaited<Auth['$context']>): void {
  const { trustedOrigins: known } = context.options
  const foreign = context.trustedOrigins.find(
    (origin) => !Array.isArray(known) || !known.includes(origin),
  )
  if (foreign === undefined) return
  throw new StartupError(
    `auth.trustedOrigins: ${foreign} comes from BETTER_AUTH_TRUSTED_ORIGINS, which is not read: say it here instead`,
  )
}

/** Brings the schema up to date, or with `dryRun` says what that would take. */
export async function migrateDatabase(
  config: GatewayConfig,
  parts: EmbeddedParts & { readonly dryRun: boolean },
): Promise<Migration> {
  // Looking must leave no trace: where there is no database yet, an empty one is looked at instead.
  const { file } = config.auth.database
  const database: DatabaseConfig =
    parts.dryRun && !existsSync(file) ? { kind: 'sqlite', file: ':memory:' } : config.auth.database
  const { options, close } = await prepare({ ...config, auth: { ...config.auth, database } }, parts)
  try {
    return await migrate(database, options, parts)
  } finally {
    close()
  }
}

async function prepare(
  config: GatewayConfig,
  parts: EmbeddedParts,
): Promise<{
  readonly options: BetterAuthOptions
  readonly database: DatabaseSync
  readonly close: () => void
}> {
  const user = await loadAuthModule(config.auth.module)
  const database = await openDatabase(config.auth.database)
  const password = createPasswordHashing(user.emailAndPassword?.password)
  const options = toBetterAuthOptions(config, {
    database,
    user,
    plugin: createGatewayPlugin(parts.listener, config.auth.signUp, parts.clock.now),
    attempts: parts.attempts ?? localAttempts(parts.clock.monotonic),
    password,
    logger: parts.logger,
  })
  return {
    options,
    database,
    close: () => {
      password.close()
      if (database.isOpen) database.close()
    },
  }
}
