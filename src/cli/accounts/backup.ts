import { resolve } from 'node:path'
import { openCommandTrail } from '../../assemble/audit.ts'
import { systemClock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { copyDatabase, replaceDatabase } from '../../session/embedded/store/sqlite/copy.ts'
import { loadFor, type ConfigOption } from '../config.ts'
import { revokeEveryone } from './revoke.ts'

const who = { outcome: 'success', actor: 'operator', via: 'command' } as const

/** `sallyport backup FILE`: a copy of the SQLite auth database, while gateways use it. Throws a `StartupError`. */
export async function runBackup(file: string, options: ConfigOption): Promise<void> {
  const { config } = loadFor(options)
  const source = sqliteOf(config, 'pg_dump --format=custom')
  const trail = openCommandTrail(config, systemClock)
  try {
    await copyDatabase(source, resolve(file))
    trail.say({ event: 'database.backed_up', ...who, file })
  } finally {
    await trail.close()
  }
  console.log(`${source} copied to ${file}: keep .env with it`)
}

/** `sallyport restore FILE`: puts a copy back and ends whatever anybody has. Throws a `StartupError`. */
export async function runRestore(file: string, options: ConfigOption): Promise<void> {
  const { config } = loadFor(options)
  const target = sqliteOf(config, 'pg_restore, then `sallyport revoke everyone`')
  const trail = openCommandTrail(config, systemClock)
  try {
    const kept = replaceDatabase(resolve(file), target, systemClock.now())
    trail.say({ event: 'database.restored', ...who, file })
    console.log(`${file} is now ${target}`)
    if (kept !== null) console.log(`what was there is now ${kept}`)
  } finally {
    await trail.close()
  }
  await revokeEveryone(config)
}

/** @param instead what is used for PostgreSQL */
function sqliteOf({ auth }: GatewayConfig, instead: string): string {
  if (auth.remote !== null) {
    throw new StartupError('auth.mode is remote: the accounts are kept where Better Auth runs')
  }
  if (auth.database.kind !== 'sqlite') {
    throw new StartupError(`auth.database is PostgreSQL: use ${instead} (docs/backup.md)`)
  }
  if (auth.database.file === ':memory:') {
    throw new StartupError('auth.database: nobody else can have it in memory')
  }
  return auth.database.file
}
