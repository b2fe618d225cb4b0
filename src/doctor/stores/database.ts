import { existsSync } from 'node:fs'
import { clockSkewSeconds } from '../../authn/bearer/claims.ts'
import { createLogger } from '../../ops/log.ts'
import { deaf } from '../../session/port.ts'
import { StartupError } from '../../errors/startup.ts'
import { once, ok, problem, skipped, type Check, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { judgeSkew } from '../wire/skew.ts'
import { judgePostgres, probePostgres, type PostgresFacts } from './postgres.ts'
import { checkSqlite } from './sqlite.ts'

/** What is to be known of the auth database; nothing where Better Auth keeps its own elsewhere. */
export function databaseChecks(context: DoctorContext): readonly Check[] {
  const { config, clock, options, slow } = context
  const { database, remote } = config.auth
  if (remote !== null) return []
  if (database.kind === 'sqlite') {
    const isThere = (): boolean => database.file !== ':memory:' && existsSync(database.file)
    return [
      { name: 'auth database', run: () => checkSqlite(database) },
      {
        name: 'auth schema',
        run: () => (isThere() ? checkSchema(context) : skipped('there is no database yet')),
      },
    ]
  }
  const facts = once(() => probePostgres(database, options.stepMs, clock))
  const where = async (work: (found: PostgresFacts) => Finding | Promise<Finding>) => {
    const found = await facts()
    return found instanceof Error ? skipped('the database does not answer') : work(found)
  }
  return [
    {
      name: 'auth database',
      run: async () => judgePostgres(await facts(), slow.storeMs),
    },
    { name: 'auth schema', run: () => where(() => checkSchema(context)) },
    {
      name: 'auth clock',
      run: () => where(({ offset }) => judgeSkew("PostgreSQL's", offset, clockSkewSeconds * 1000)),
    },
  ]
}

/** What `sallyport migrate --dry-run` says, without what that leaves behind. */
async function checkSchema({ config, clock }: DoctorContext): Promise<Finding> {
  // Loaded only here: it brings Better Auth along.
  const { missingInDatabase } = await import('../../session/embedded/open.ts')
  const parts = { logger: createLogger('silent'), clock, listener: deaf }
  try {
    const missing = await missingInDatabase(config, parts)
    if (missing.length === 0) return ok('all tables and columns are there')
    return problem(
      `the database lacks ${listed(missing)}`,
      'Run `sallyport migrate`, or restart the gateway, which does the same.',
    )
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    return problem(error.message, 'Mend what this says; `sallyport start` would say it too.')
  }
}

function listed(names: readonly string[]): string {
  const shownNames = names.slice(0, 6).join(', ')
  return names.length <= 6 ? shownNames : `${shownNames} and ${names.length - 6} more`
}
