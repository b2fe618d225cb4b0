import { resolve } from 'node:path'
import { openCommandTrail } from '../../assemble/audit.ts'
import { logFor } from '../../assemble/revocations.ts'
import { systemClock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { createLogger } from '../../ops/log.ts'
import { deaf } from '../../session/port.ts'
import { moveAccounts, type Moved } from '../../session/embedded/move/move.ts'
import type { KeptLine } from '../../session/embedded/move/source.ts'
import { migrateDatabase } from '../../session/embedded/open.ts'
import { parsePlace } from '../../users/source/open.ts'
import { loadFor, type ConfigOption } from '../config.ts'

export interface MigrateOptions extends ConfigOption {
  readonly dryRun?: boolean
  readonly from?: string
  readonly leave?: string
}

/**
 * `sallyport migrate`: what `start` also does, by hand; `--dry-run` prints the SQL instead. With `--from`, accounts move in from an SQLite file. Throws a
 * `StartupError`, and then nothing has been moved.
 */
export async function runMigrate(options: MigrateOptions): Promise<void> {
  const dryRun = options.dryRun === true
  const { config } = loadFor(options)
  if (config.auth.remote !== null) {
    throw new StartupError('auth.mode is remote: Better Auth keeps its own tables where it runs')
  }
  const leave = (options.leave ?? '').split(',').filter((name) => name !== '')
  if (options.from !== undefined) return move(config, options.from, leave)
  if (leave.length > 0) throw new StartupError('--leave: only with --from')
  const parts = { dryRun, logger: createLogger('warn'), clock: systemClock, listener: deaf }
  const { created, sql } = await migrateDatabase(config, parts)
  if (dryRun) console.log(sql === '' ? '-- nothing to do' : sql)
  else console.log(created.length === 0 ? 'nothing to do' : `created: ${created.join(', ')}`)
}

async function move(config: GatewayConfig, from: string, leave: readonly string[]): Promise<void> {
  const place = parsePlace(from)
  if (place.kind !== 'sqlite') {
    throw new StartupError('--from: accounts are moved from an SQLite file: say sqlite:FILE')
  }
  const file = resolve(place.file)
  const trail = openCommandTrail(config, systemClock)
  try {
    const moved = await moveAccounts(config, {
      ...{ file, leave, logger: createLogger('warn'), clock: systemClock, listener: deaf },
      shareLines: (lines) => shareLines(config, lines),
    })
    trail.say({ event: 'database.moved', outcome: 'success', ...who, file })
    console.log(report(file, moved))
  } finally {
    await trail.close()
  }
}

const who = { actor: 'operator', via: 'command' } as const

/** With Redis, that is where gateways look for what was revoked. */
async function shareLines(config: GatewayConfig, lines: readonly KeptLine[]): Promise<void> {
  if (config.redis === null || lines.length === 0) return
  const log = logFor(config, { createLog: () => null }, systemClock)
  if (log === null) return
  try {
    await log.open({ onLines: () => undefined, onState: () => undefined })
    for (const { line } of lines) await log.append(line)
  } catch {
    throw new StartupError('redis: it cannot be told what was revoked; nothing is moved')
  } finally {
    await log.close()
  }
}

function report(file: string, { to, tables, revocations }: Moved): string {
  const counts = [...tables, { name: 'revocations', rows: revocations }]
  const width = Math.max(...counts.map(({ name }) => name.length))
  return [
    ...counts.map(({ name, rows }) => `${name.padEnd(width)}  ${rows}`),
    `${file} is now in ${to}: everybody stays signed in`,
    `start no gateway with ${file} any more; delete it when you need no way back`,
  ].join('\n')
}
