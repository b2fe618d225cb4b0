import type { RouteAuth, RouteConfig } from '../config/types.ts'
import type { Destination, Leaf, RouteNode, RouteTable } from './compile.ts'

/** A leaf, and the host whose table it is in; null: every host that no route names. */
export interface ListedLeaf extends Leaf {
  readonly host: string | null
}

/**
 * Every leaf of a table in the order of precedence: what is listed first wins where two match. The tables of the hosts that
 * routes name come first, each whole: what is served for every host is in them too.
 */
export function listLeaves(table: RouteTable): readonly ListedLeaf[] {
  const hosts: (readonly [string | null, RouteNode])[] = [...table.byHost]
  return [...hosts, [null, table.root] as const].flatMap(([host, root]) =>
    leavesOf(root).map((leaf) => ({ ...leaf, host })),
  )
}

function leavesOf(node: RouteNode): Leaf[] {
  const literals = [...node.literals].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...(node.exact === null ? [] : [node.exact]),
    ...literals.flatMap(([, child]) => leavesOf(child)),
    ...(node.parameter === null ? [] : leavesOf(node.parameter)),
    ...(node.wildcard === null ? [] : [node.wildcard]),
  ]
}

/** One line of the route table, for people. */
export interface RouteRow {
  /** `*`: every host of the gateway, but for paths where a route of the very host is listed. */
  readonly host: string
  readonly path: string
  readonly methods: string
  readonly auth: string
  readonly to: string
  readonly name: string
}

/**
 * The route table as rows, most specific first; reserved paths are listed too, because they win over routes.
 * @param showFolder how the folder of a static route is shown
 */
export function listRows(
  table: RouteTable,
  showFolder: (folder: string) => string,
): readonly RouteRow[] {
  const rows = listLeaves(table).flatMap((leaf) => toRowsOf(leaf, showFolder))
  // A route of several hosts is in the table of each of them.
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}

type ShowFolder = (folder: string) => string

/** What only this host has; what every host has is listed once, for every host. */
function toRowsOf(
  { pattern, byMethod, host }: ListedLeaf,
  showFolder: ShowFolder,
): readonly RouteRow[] {
  const groups = Map.groupBy(byMethod, ([, destination]) => destination)
  return [...groups].flatMap(([destination, entries]): RouteRow[] => {
    const hosts = destination.kind === 'forward' ? destination.route.match.hosts : null
    if (host !== null && hosts === null) return []
    const methods = entries.map(([method]) => method).join(' ')
    const row = { host: hosts?.join(' ') ?? '*', path: pattern, methods }
    return [{ ...row, ...describe(destination, showFolder) }]
  })
}

function describe(
  destination: Destination,
  showFolder: ShowFolder,
): Pick<RouteRow, 'auth' | 'to' | 'name'> {
  switch (destination.kind) {
    case 'forward': {
      const { route } = destination
      const auth = authText(route.auth)
      const seen = route.observe === null ? auth : `observed: ${auth}`
      return { auth: seen, to: toText(route.serve, showFolder), name: route.name }
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

function toText(serve: RouteConfig['serve'], showFolder: ShowFolder): string {
  return serve.kind === 'upstream' ? serve.upstream : `static ${showFolder(serve.dir)}`
}
