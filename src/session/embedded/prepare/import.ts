import { randomUUID } from 'node:crypto'
import type { BetterAuthOptions, DBAdapter } from 'better-auth'
import { getAuthTables } from 'better-auth/db'
import { getAdapter } from 'better-auth/db/adapter'
import type { GatewayConfig } from '../../../config/types.ts'
import { StartupError } from '../../../errors/startup.ts'
import type { EmbeddedParts } from '../open.ts'
import { migrate } from '../store/migrate.ts'
import { prepare, withoutTrace } from './prepare.ts'

/** The auth database, for whoever writes users into it that Better Auth has not signed up. */
export interface ImportTarget {
  readonly options: BetterAuthOptions
  /** Keeps the ids that it is given. No hook runs and nobody is told: what it writes nobody can have cached. */
  readonly adapter: Pick<DBAdapter, 'transaction' | 'findMany'>
  /** There are no tables yet, and with a dry run there will be none. */
  readonly isEmpty: boolean
  /** An id that is no UUID cannot be stored. */
  readonly hasOnlyUuids: boolean
  /** Hashes that are stored as they were elsewhere are verified. */
  readonly verifiesImported: boolean
  readonly close: () => Promise<void>
}

export interface ImportTargetParts extends EmbeddedParts {
  readonly dryRun: boolean
  /** Looks at the options before anything is changed, and throws a `StartupError` where nothing may be. */
  readonly judge: (options: BetterAuthOptions) => void
}

/** Opens the auth database with its schema brought up to date; with `dryRun` only for reading it. Rejects with a `StartupError` of one sentence. */
export async function openForImport(
  config: GatewayConfig,
  parts: ImportTargetParts,
): Promise<ImportTarget> {
  const looked = parts.dryRun ? withoutTrace(config) : config
  const { options, store, verifiesImported, close } = await prepare(looked, parts)
  try {
    parts.judge(options)
    const { created } = await migrate(store, options, parts)
    return {
      options,
      adapter: await getAdapter(withOwnIds(options)),
      isEmpty: parts.dryRun && hasNoTables(options, created),
      hasOnlyUuids: config.auth.database.kind === 'postgres',
      verifiesImported,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Told that ids are UUIDs, the adapter replaces one that is none, and also one of a version that it does not know. */
function withOwnIds(options: BetterAuthOptions): BetterAuthOptions {
  const database = { ...options.advanced?.database, generateId: () => randomUUID() }
  return { ...options, advanced: { ...options.advanced, database } }
}

/** @param missing what a migration would make */
function hasNoTables(options: BetterAuthOptions, missing: readonly string[]): boolean {
  const { user, account } = getAuthTables(options)
  const names = [user?.modelName ?? 'user', account?.modelName ?? 'account']
  const absent = names.filter((name) => missing.includes(name))
  if (absent.length === names.length) return true
  const isOld = names.some((name) => missing.some((each) => each.startsWith(`${name}.`)))
  if (absent.length === 0 && !isOld) return false
  throw new StartupError(
    'auth.database: its tables are not up to date, and a dry run changes nothing: run `sallyport migrate` first',
  )
}
