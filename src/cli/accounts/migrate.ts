import { systemClock } from '../clock.ts'
import { createLogger } from '../ops/log.ts'
import { migrateDatabase } from '../session/embedded/open.ts'
import { loadFor, type ConfigOption } from './config.ts'

/** `sallyport migrate`: what `start` also does, by hand; `--dry-run` prints the SQL instead. */
export async function runMigrate(
  options: ConfigOption & { readonly dryRun?: boolean },
): Promise<void> {
  const dryRun = options.dryRun === true
  const nobody = (): void => undefined
  const { created, sql } = await migrateDatabase(loadFor(options).config, {
    dryRun,
    logger: createLogger('warn'),
    clock: systemClock,
    listener: {
      sessionRevoked: nobody,
      sessionChanged: nobody,
      userChanged: nobody,
      userDeleted: nobody,
    },
  })
  if (dryRun) console.log(sql === '' ? '-- nothing to do' : sql)
  else console.log(created.length === 0 ? 'nothing to do' : `created: ${created.join(', ')}`)
}
