import { readFileSync, writeFileSync } from 'node:fs'
import type { GatewayConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { auditApi, type Audit, type Row } from '../../openapi/audit.ts'
import { compareWithList, rewriteList, type Listing } from '../../openapi/public-list.ts'
import { configFile, type ConfigOption } from '../config.ts'
import { annotation } from './github.ts'
import { loadToCompare } from './load.ts'
import { loadOpenApi } from './openapi.ts'

export interface AuditOptions extends ConfigOption {
  readonly format: 'text' | 'json' | 'github'
  /** A URL or a file; left out: asked of the upstream. */
  readonly openapi?: string
  readonly upstream?: string
  /** A list of operations that may be open. */
  readonly public?: string
  readonly write?: boolean
}

/**
 * `sallyport audit`: exit code 1 when an operation is open that is not on the list, 2 for wrong usage. Throws `StartupError`
 * where there is nothing to read, `ConfigError` for a configuration that is none.
 */
export async function runAudit(options: AuditOptions): Promise<void> {
  if (options.write === true && options.public === undefined) {
    console.error('--write needs --public: which list?')
    process.exitCode = 2
    return
  }
  const file = configFile(options)
  const { config } = loadConfiguration(file)
  const upstream = options.upstream ?? Object.keys(config.upstreams)[0] ?? ''
  const api = await loadOpenApi(...placeOf(options, config, upstream))
  const audit = auditApi(config, api, upstream)
  const listing = readListing(audit, options)
  console.log(print({ audit, listing, file, list: options.public ?? null }, options.format))
  process.exitCode = listing !== null && listing.missing.length > 0 ? 1 : 0
}

function loadConfiguration(file: string): { readonly config: GatewayConfig } {
  try {
    return loadToCompare({ name: file, beside: file, env: process.env })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new StartupError(`${file} cannot be read: ${String(error.code)}`)
  }
}

function placeOf(
  { openapi }: AuditOptions,
  { upstreams, server }: GatewayConfig,
  upstream: string,
): [string, string | null] {
  const known = Object.hasOwn(upstreams, upstream) ? upstreams[upstream] : undefined
  if (known === undefined) throw new StartupError(`there is no upstream ${upstream}`)
  if (openapi !== undefined) return [openapi, null]
  // What the gateway forwards has the host of the browser.
  return [`${known.targets[0] ?? ''}/openapi.json`, new URL(server.publicUrl).host]
}

/** null: there is no list. Writes it first where that was asked for. */
function readListing(audit: Audit, { public: file, write }: AuditOptions): Listing | null {
  if (file === undefined) return null
  const text = readIfPresent(file)
  if (write === true) {
    const next = rewriteList(audit, text ?? '')
    if (next !== text) writeFileSync(file, next)
    return compareWithList(audit, next)
  }
  if (text === null) throw new StartupError(`there is no ${file}: make it with --write`)
  return compareWithList(audit, text)
}

function readIfPresent(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StartupError(`${file} cannot be read`)
  }
}

interface Report {
  readonly audit: Audit
  readonly listing: Listing | null
  /** The configuration. */
  readonly file: string
  readonly list: string | null
}

function print(report: Report, format: AuditOptions['format']): string {
  switch (format) {
    case 'text':
      return toText(report)
    case 'json':
      return JSON.stringify({ ...report.audit, list: report.listing }, null, 2)
    case 'github':
      return toAnnotations(report)
  }
}

/** FastAPI wants a credential that `auth: none` keeps from it, or that nobody looks at. */
function isContradiction({ state, isSecured, by }: Row): boolean {
  return state === 'public' && isSecured && !by.includes("FastAPI's own login")
}

function toText({ audit, listing, list }: Report): string {
  const rows = audit.rows.map(({ state, method, path, of, by, route }) => [
    state,
    method,
    of === null ? path : `${path} (of ${of})`,
    route ?? '-',
    by === '' ? '-' : by,
  ])
  const counts = Map.groupBy(audit.rows, ({ state }) => state)
  const summary = [...counts].map(([state, some]) => `${some.length} ${state}`).join(', ')
  return [
    table([['STATE', 'METHOD', 'PATH', 'ROUTE', 'BY'], ...rows]),
    '',
    ...notes(audit),
    ...(listing === null ? [] : listNotes(listing, list ?? '')),
    `${audit.rows.length} operations: ${summary}`,
  ].join('\n')
}

function notes({ rows, unused, unknown }: Audit): readonly string[] {
  return [
    ...rows
      .filter(isContradiction)
      .map(
        ({ method, path }) =>
          `${method} ${path} is public, and says in OpenAPI that it wants a credential`,
      ),
    ...unused.map(({ route, pattern }) => `route ${route}: no operation is found at ${pattern}`),
    ...unknown.map(
      ({ route, pattern }) => `route ${route}: WebSocket at ${pattern} is not in OpenAPI`,
    ),
  ]
}

function listNotes({ missing, stale }: Listing, list: string): readonly string[] {
  return [
    ...missing.map(({ method, path, state }) => `${method} ${path} is ${state} and not in ${list}`),
    ...stale.map((line) => `${list}: ${line} is not open any more`),
  ]
}

function toAnnotations({ audit, listing, file, list }: Report): string {
  const title = 'sallyport audit'
  return [
    ...(listing?.missing ?? []).map(({ method, path, state }) =>
      annotation('error', file, title, `${method} ${path} is ${state} and not in ${list ?? ''}`),
    ),
    ...(listing?.stale ?? []).map((line) =>
      annotation('warning', list ?? file, title, `${line} is not open any more`),
    ),
    ...notes(audit).map((note) => annotation('notice', file, title, note)),
  ].join('\n')
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
