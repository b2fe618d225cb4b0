import type { BetterAuthOptions } from 'better-auth'
import type { DatabaseConfig } from '../config/types.ts'
import { StartupError } from '../errors/startup.ts'
import type { Mapping } from './columns.ts'
import type { Ids } from './plan.ts'
import { isOwnTable, type SourcePlace } from './source/open.ts'
import type { UserSource } from './source/port.ts'
import { readTraits, type Traits } from './traits.ts'

export interface Request {
  readonly place: SourcePlace
  readonly source: Pick<UserSource, 'table'>
  readonly mapping: Mapping
  readonly ids: Ids
  readonly includeInactive: boolean
}

/** Says what Better Auth makes of the users. Throws a `StartupError` where it cannot take them as it is asked to. */
export function judgeRequest(
  { place, source, mapping, ids, includeInactive }: Request,
  options: BetterAuthOptions,
  database: DatabaseConfig,
): Traits {
  const traits = readTraits(options)
  if (isOwnTable(place, source.table, database, traits.table)) {
    throw new StartupError(
      `--from: this is auth.database, where ${JSON.stringify(traits.table)} is Better Auth's own table: it needs a database, or a schema, of its own`,
    )
  }
  if (mapping.has('role') && !traits.hasRole) {
    throw new StartupError(
      "--map: users have no role here: Better Auth's admin plugin in auth.module gives them one",
    )
  }
  if (ids === 'external' && !traits.hasExternalId) {
    throw new StartupError('--ids: users have no field externalId here')
  }
  const [way] = traits.waysIn
  if (includeInactive && traits.admin === null && way !== undefined) {
    throw new StartupError(
      `--include-inactive: who comes without a password could still come in by ${traits.waysIn.join(', ')}: Better Auth's admin plugin in auth.module bans them instead`,
    )
  }
  return traits
}
