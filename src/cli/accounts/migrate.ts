import { systemClock } from '../../clock.ts'
import { StartupError } from '../../errors/startup.ts'
import { createLogger } from '../../ops/log.ts'
import { deaf } from '../../session/port.ts'
import { migrateDatabase } from '../../session/embedded/open.ts'
import { loadFor, type ConfigOption } from '../config.ts'

/** `sallyport migrate`: what `start` also does, by hand; `--dry-run` prints the SQL instead. */
export async function runMigrate(
  options: ConfigOption & { readonly dryRun?: boolean },
): Promise<void> {
  const dryRun = options.dryRun === true
  const { config } = loadFor(options)
  if (config.auth.remote !== null) {
    throw new StartupError('auth.mode is remote: Better Auth keeps its own tables where it runs')
  }
  const { created, sql } = await migrateDatabase(config, {
    dryRun,
    logger: createLogger('warn'),
    clock: systemClock,
    listener: deaf,
  })
  if (dryRun) console.log(sql === '' ? '-- nothing to do' : sql)
  else console.log(created.length === 0 ? 'nothing to do' : `created: ${created.join(', ')}`)
}
