import { dirname, relative, resolve } from 'node:path'
import type { GatewayConfig, RouteAuth, RouteConfig } from '../config/types.ts'
import { compileRoutes, type Destination } from '../routing/compile.ts'
import { listLeaves, type ListedLeaf } from '../routing/list.ts'
import { configFile, loadFor, type ConfigOption } from './config.ts'

interface Row {
  /** `*`: every host of the gateway, but for paths where a route of the very host is listed. */
  readonly host: string
  readonly path: string
  readonly methods: string
  readonly auth: string
  readonly to: string
  readonly name: string
}

/** `sallyport routes`: the table as the gateway matches it, most specific first. */
export function runRoutes(options: ConfigOption & { readonly format: 'text' | 'json' }): void {
  const { config } = loadFor(options)
  const rows = toRows(config, dirname(resolve(configFile(options))))
  if (options.format === 'json') console.log(JSON.stringify(rows, null, 2))
  else console.log(toTable(rows))
}

/**
 * The route table as rows; reserved paths are listed too, because they win over routes.
 * @param folder what the folders of static routes are shown relative to
 */
export function toRows(config: GatewayConfig, folder: string): readonly Row[] {
  const rows = listLeaves(compileRoutes(config)).flatMap((leaf) => toRowsOf(leaf, folder))
  // A route of several hosts is in the table of each of them.
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}

/** What only this host has; what every host has is listed once, for every host. */
function toRowsOf({ pattern, byMethod, host }: ListedLeaf, folder: string): readonly Row[] {
  const groups = Map.groupBy(byMethod, ([, destination]) => destination)
  return [...groups].flatMap(([destination, entries]): Row[] => {
    const hosts = destination.kind === 'forward' ? destination.route.match.hosts : null
    if (host !== null && hosts === null) return []
    const methods = entries.map(([method]) => method).join(' ')
    const row = { host: hosts?.join(' ') ?? '*', path: pattern, methods }
    return [{ ...row, ...describe(destination, folder) }]
  })
}

function describe(destination: Destination, folder: string): Pick<Row, 'auth' | 'to' | 'name'> {
  switch (destination.kind) {
    case 'forward': {
      const { route } = destination
      return { auth: authText(route.auth), to: toText(route.serve, folder), name: route.name }
    }
    case 'endpoint': {
      const auth = destination.access === 'session' ? 'session' : '-'
      return { auth, to: 'gateway', name: '-' }
    }
    case 'reserved':
      return { auth: '-', to: 'refused (404)', name: '-' }
  }
}

/** The mode, and in brackets what else a caller must have. */
function authText({ mode, accept, needs }: RouteAuth): string {
  const list = (name: string, values: readonly string[] | null | undefined): string[] =>
    values ? [`${name} ${values.join('|')}`] : []
  const { organization = null, freshMs = null, owner = null } = needs ?? {}
  const more = [
    ...list('accept', accept),
    ...list('roles', needs?.roles),
    ...(needs?.scopes ? [`scopes ${needs.scopes.join('+')}`] : []),
    ...(organization !== null && organization.roles === null ? ['organization'] : []),
    ...list('organization', organization?.roles),
    ...(owner === null ? [] : [`owner {${owner}}`]),
    ...(needs?.emailVerified === true ? ['emailVerified'] : []),
    ...(freshMs === null ? [] : [`fresh ${freshMs / 1000}s`]),
  ]
  return more.length === 0 ? mode : `${mode} (${more.join(', ')})`
}

function toText(serve: RouteConfig['serve'], folder: string): string {
  if (serve.kind === 'upstream') return serve.upstream
  const path = relative(folder, serve.dir)
  return `static ${path.startsWith('..') ? path : `./${path}`}`
}

function toTable(rows: readonly Row[]): string {
  const header: Row = {
    host: 'HOST',
    path: 'PATH',
    methods: 'METHODS',
    auth: 'AUTH',
    to: 'TO',
    name: 'NAME',
  }
  const hasHosts = rows.some(({ host }) => host !== '*')
  const columns = [
    ...(hasHosts ? (['host'] as const) : []),
    ...(['path', 'methods', 'auth', 'to', 'name'] as const),
  ]
  const all = [header, ...rows]
  const widths = columns.map((column) => Math.max(...all.map((row) => row[column].length)))
  return all
    .map((row) =>
      columns
        .map((column, index) => row[column].padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
