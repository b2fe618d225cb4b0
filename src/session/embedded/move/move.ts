import { getAuthTables } from 'better-auth/db'
import type { GatewayConfig } from '../../../config/types.ts'
import { StartupError } from '../../../errors/startup.ts'
import type { EmbeddedParts } from '../open.ts'
import { prepare } from '../prepare/prepare.ts'
import { migrate } from '../store/migrate.ts'
import { planMove } from './plan.ts'
import { openMoveSource, type KeptLine, type MoveSource } from './source.ts'
import { claimEmpty, copyLines, copyTable, inTransaction, readTargets } from './target.ts'

export interface MoveOptions extends EmbeddedParts {
  /** The SQLite file. */
  readonly file: string
  /** Tables, and columns as `table.column`, that stay behind. */
  readonly leave: readonly string[]
  /** Called with what was revoked, before anything of it counts: where gateways share their log elsewhere, it has to be there too. */
  readonly shareLines: (lines: readonly KeptLine[]) => Promise<void>
}

/** What has been moved. */
export interface Moved {
  /** Names the database without a password. */
  readonly to: string
  readonly tables: readonly { readonly name: string; readonly rows: number }[]
  readonly revocations: number
}

/**
 * Copies everything that Better Auth keeps in an SQLite file into the configured PostgreSQL database, whose schema is brought up to date first: ids, hashes and sessions
 * stay as they are. The file is only read. All of it arrives or nothing does. Rejects with a `StartupError` of one sentence.
 */
export async function moveAccounts(config: GatewayConfig, options: MoveOptions): Promise<Moved> {
  const { database } = config.auth
  if (database.kind !== 'postgres') {
    throw new StartupError('auth.database: accounts are moved to PostgreSQL: say postgres://…')
  }
  const source = openMoveSource(options.file)
  try {
    const { options: auth, store, close } = await prepare(config, options)
    try {
      await migrate(store, auth, { dryRun: false })
      const names = [
        ...new Set(Object.values(getAuthTables(auth)).map(({ modelName }) => modelName)),
      ]
      return await store.withLock(() => moveInto(database.url, store.name, names, source, options))
    } finally {
      await close()
    }
  } finally {
    source.close()
  }
}

function moveInto(
  url: string,
  to: string,
  names: readonly string[],
  source: MoveSource,
  { leave, shareLines }: MoveOptions,
): Promise<Moved> {
  return inTransaction(url, to, async (client) => {
    const targets = await readTargets(client, names)
    const plan = planMove(source, targets, leave)
    await claimEmpty(client, to, targets)
    for (const table of plan) await copyTable(client, source, table)
    const lines = source.keptLines()
    await copyLines(client, lines)
    await shareLines(lines)
    return { to, tables: plan.map(({ name, rows }) => ({ name, rows })), revocations: lines.length }
  })
}
