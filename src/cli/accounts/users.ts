import type { BetterAuthOptions } from 'better-auth'
import { systemClock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { createLogger } from '../../ops/log.ts'
import { openForImport, type ImportTarget } from '../../session/embedded/prepare/import.ts'
import { deaf } from '../../session/port.ts'
import { chooseColumns, parseMap, type Chosen, type Preset } from '../../users/columns.ts'
import { importUsers, type Counts } from '../../users/import.ts'
import { judgeRequest, type Request } from '../../users/judge.ts'
import type { Ids } from '../../users/plan.ts'
import { openSource, parsePlace } from '../../users/source/open.ts'
import type { UserSource } from '../../users/source/port.ts'
import type { Traits } from '../../users/traits.ts'
import { loadFor, type ConfigOption } from '../config.ts'
import { createReport } from './report.ts'

export interface UsersImportOptions extends ConfigOption {
  readonly from?: string
  readonly table?: string
  readonly map?: string
  readonly preset?: Preset
  readonly ids?: Ids
  readonly includeInactive?: boolean
  readonly dryRun?: boolean
  readonly format: 'text' | 'json'
}

/**
 * `sallyport users import`: makes the users of another application's table users of the embedded Better Auth. Exit code 1 when a row could not be
 * imported, or not entirely; every such row is said. Throws a `StartupError` where nothing can be imported at all.
 */
export async function runUsersImport(options: UsersImportOptions): Promise<void> {
  const { config } = loadFor(options)
  if (config.auth.remote !== null) {
    throw new StartupError('auth.mode is remote: import users where Better Auth runs')
  }
  const place = parsePlace(options.from ?? '')
  const map = parseMap(options.map ?? '')
  const source = await openSource(place, options.table ?? null)
  try {
    const chosen = chooseColumns(source.columns, { map, preset: options.preset ?? null })
    const request = {
      place,
      source,
      mapping: chosen.mapping,
      ids: options.ids ?? 'keep',
      includeInactive: options.includeInactive === true,
    }
    await importInto(config, request, chosen, options)
  } finally {
    await source.close()
  }
}

type Wanted = Request & { readonly source: UserSource }

async function importInto(
  config: GatewayConfig,
  request: Wanted,
  chosen: Chosen,
  options: UsersImportOptions,
): Promise<void> {
  const dryRun = options.dryRun === true
  const judge = (auth: BetterAuthOptions): Traits =>
    judgeRequest(request, auth, config.auth.database)
  const base = { logger: createLogger('warn'), clock: systemClock, listener: deaf }
  const target = await openForImport(config, { ...base, dryRun, judge })
  try {
    const traits = judge(target.options)
    const report = createReport({ format: options.format, dryRun, print })
    report.begin(request.source, chosen)
    const counts = await importUsers({
      ...request,
      traits,
      target,
      dryRun,
      hasOnlyUuids: target.hasOnlyUuids,
      now: systemClock.now,
      onProblem: report.problem,
      onProgress: showProgress,
    })
    report.end(counts, warningsOf(config, chosen, traits, target, counts))
    if (counts.skipped + counts.conflicts + counts.incomplete > 0) process.exitCode = 1
  } finally {
    await target.close()
  }
}

function warningsOf(
  { auth }: GatewayConfig,
  { suspicious }: Chosen,
  { admin }: Traits,
  { verifiesImported }: ImportTarget,
  { superusers }: Pick<Counts, 'superusers'>,
): readonly string[] {
  return [
    ...(auth.signIn.email ? [] : ['auth.signIn.email is off: nobody signs in with a password']),
    ...suspicious.map(
      (name) =>
        `${name} is not read: if it says who must not sign in, say so with --map disabled=${name}`,
    ),
    ...(superusers > 0 && admin === null
      ? [
          `${superusers} of them, superusers, come as ordinary users: Better Auth's admin plugin would give them a role`,
        ]
      : []),
    ...(verifiesImported
      ? []
      : ['auth.module verifies passwords in its own way: it has to know these hashes']),
  ]
}

const toBeginning = '\r\u001b[K'

/** A million rows take some minutes. */
function showProgress({ read }: { readonly read: number }): void {
  if (process.stderr.isTTY) process.stderr.write(`${toBeginning}${read} rows`)
}

/** In place of what was shown meanwhile. */
function print(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(toBeginning)
  console.log(text)
}
