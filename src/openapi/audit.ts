import { limitText } from '../compare/routes/service.ts'
import { authText, doorOfRoute } from '../compare/routes/door.ts'
import type { GatewayConfig, Method, RouteConfig } from '../config/types.ts'
import { compileRoutes, type Destination, type RouteTable } from '../routing/compile.ts'
import { findLeaf } from '../routing/match.ts'
import type { ApiDocument, Operation } from './read.ts'
import { isOf, partsOf, type TemplatePart } from './templates.ts'

/** Who may call an operation through the gateway, or why nobody can. */
export type State = 'public' | 'observed' | 'optional' | 'protected' | 'shadowed' | 'unreachable'

/** One operation, or some values of its parameters, at one host. */
export interface Row {
  readonly method: Method
  /** As clients write it, with the host before it where it holds for that host only. */
  readonly path: string
  /** The operation's own path, where this is about some values of its parameters only; else null. */
  readonly of: string | null
  readonly state: State
  /** What protects it, or what is in the way. */
  readonly by: string
  readonly route: string | null
  /** OpenAPI says that it wants a credential. */
  readonly isSecured: boolean
}

export interface Audit {
  readonly rows: readonly Row[]
  /** Patterns of routes to this upstream that no operation is found at. */
  readonly unused: readonly Pattern[]
  /** The same, of routes that accept WebSocket connections: OpenAPI says nothing of those. */
  readonly unknown: readonly Pattern[]
}

export interface Pattern {
  readonly route: string
  readonly pattern: string
}

/** Where FastAPI's own pages are unless it says otherwise; they are in no OpenAPI document. */
const pages = ['/docs', '/docs/oauth2-redirect', '/redoc', '/openapi.json']

/** A way from the paths of clients to those of FastAPI. */
interface Way {
  readonly strip: string
  readonly root: string
}

interface Context {
  readonly config: GatewayConfig
  readonly table: RouteTable
  readonly upstream: string
  readonly api: ApiDocument
  readonly ways: readonly Way[]
  /** `route pattern` that led to the upstream. */
  readonly used: Set<string>
}

/** Compares what FastAPI has with what the gateway does of it. @param upstream the name of the upstream that the document is of */
export function auditApi(config: GatewayConfig, api: ApiDocument, upstream: string): Audit {
  const used = new Set<string>()
  const table = compileRoutes(config)
  const ways = waysTo(config, api, upstream)
  const context: Context = { config, table, upstream, api, ways, used }
  const hosts = [...new Set(config.routes.flatMap(({ match }) => match.hosts ?? []))]
  const { port } = new URL(config.server.publicUrl)
  const rows = api.operations.flatMap((operation) => {
    const general = rowsOf(operation, null, context)
    const keys = new Set(general.map(toKey))
    const own = hosts
      .filter((host) => !hosts.some((each) => host === `${each}:${port}`))
      .flatMap((host) =>
        rowsOf(operation, host, context)
          .filter((row) => !keys.has(toKey(row)))
          .map((row) => ({ ...row, path: `${host}${row.path}` })),
      )
    return [...general, ...own]
  })
  for (const path of pages) {
    rowsOf({ method: 'GET', path, isSecured: false, takes: [], gives: [] }, null, context)
  }
  const idle = idlePatterns(context)
  return {
    rows,
    unused: idle.filter(({ isLive }) => !isLive).map(({ route, pattern }) => ({ route, pattern })),
    unknown: idle.filter(({ isLive }) => isLive).map(({ route, pattern }) => ({ route, pattern })),
  }
}

function toKey({ method, path, state, by, route }: Row): string {
  return JSON.stringify([method, path, state, by, route])
}

/** A path of FastAPI may be reached with what routes strip before it, with `root_path`, with both, or as it is. */
function waysTo(config: GatewayConfig, { rootPath }: ApiDocument, upstream: string): Way[] {
  const strips = config.routes.flatMap(({ serve }) =>
    serve.kind === 'upstream' && serve.upstream === upstream ? [serve.stripPrefix ?? ''] : [],
  )
  return [...new Set(['', ...strips])].flatMap((strip) =>
    [...new Set([rootPath, ''])].map((root) => ({ strip, root })),
  )
}

interface Found extends Row {
  readonly isReached: boolean
  readonly isGeneral: boolean
}

function rowsOf(operation: Operation, host: string | null, context: Context): readonly Row[] {
  const perWay = context.ways.map((way) => look(operation, way, host, context))
  const reached = perWay.filter((found) => found.some(({ isReached }) => isReached))
  const complete = reached.some((found) => found.some((row) => row.isGeneral && row.isReached))
  // Where nothing leads to it, what is in the way is said of its plainest address.
  const missing = complete ? [] : (perWay[0] ?? []).filter(({ isGeneral }) => isGeneral)
  const rows = [...missing, ...reached.flatMap((found) => withoutForeign(found))]
  return rows.map(({ isReached: _, isGeneral: __, ...row }) => row)
}

/** Of a way that leads there in part only, what leads elsewhere is no part of the operation. */
function withoutForeign(found: readonly Found[]): readonly Found[] {
  const isWhole = found.some((row) => row.isGeneral && row.isReached)
  return isWhole ? found : found.filter(({ isReached }) => isReached)
}

/** What becomes of an operation on one way: first in general, then of the values for which it is something else. */
function look(
  operation: Operation,
  way: Way,
  host: string | null,
  context: Context,
): readonly Found[] {
  const { table, api } = context
  const prefix = way.strip + way.root
  const root = table.byHost.get(host ?? '') ?? table.root
  const earlier = api.operations
    .slice(0, Math.max(0, api.operations.indexOf(operation)))
    .filter(({ method }) => method === operation.method)
  const parts = partsOf(prefix + operation.path, root).filter(
    (part) =>
      part.isGeneral || !earlier.some(({ path }) => isOf(path, part.path.slice(prefix.length))),
  )
  const found = parts.map((part) => judgePart(part, operation, way, host, context))
  const general = found.find(({ isGeneral }) => isGeneral)
  return found.filter(
    (row) =>
      row.isGeneral ||
      general?.route !== row.route ||
      general.state !== row.state ||
      general.by !== row.by,
  )
}

function judgePart(
  part: TemplatePart,
  operation: Operation,
  way: Way,
  host: string | null,
  context: Context,
): Found {
  const leaf = findLeaf(context.table, host ?? '', part.path)
  const destination = leaf?.byMethod.get(operation.method)
  const isReached = leadsTo(destination, way, context.upstream)
  if (isReached && destination?.kind === 'forward') {
    context.used.add(`${destination.route.name} ${destination.pattern}`)
  }
  const { method, isSecured } = operation
  const route = destination?.kind === 'forward' ? destination.route.name : null
  const judged = isReached && destination?.kind === 'forward' ? judgeRoute(destination.route) : null
  const { state, by } = judged ?? obstacle(destination, [...(leaf?.byMethod.keys() ?? [])])
  const of = part.isGeneral ? null : way.strip + way.root + operation.path
  return {
    method,
    path: part.shown,
    of,
    state,
    by,
    route,
    isSecured,
    isReached,
    isGeneral: part.isGeneral,
  }
}

function leadsTo(destination: Destination | undefined, way: Way, upstream: string): boolean {
  if (destination?.kind !== 'forward') return false
  const { serve } = destination.route
  return (
    serve.kind === 'upstream' &&
    serve.upstream === upstream &&
    (serve.stripPrefix ?? '') === way.strip
  )
}

const states = {
  none: 'public',
  observe: 'observed',
  optional: 'optional',
  required: 'protected',
} as const

function judgeRoute(route: RouteConfig): Pick<Row, 'state' | 'by'> {
  const { auth, rateLimit } = route
  const limit = rateLimit === null ? [] : [`${limitText(rateLimit)} by ${rateLimit.by}`]
  const own = auth.forwardAuthorization ? ["FastAPI's own login"] : []
  const by = [auth.mode === 'none' ? '' : authText(auth), ...own, ...limit]
  return {
    state: states[doorOfRoute(route) as keyof typeof states],
    by: by.filter((text) => text !== '').join('; '),
  }
}

function obstacle(
  destination: Destination | undefined,
  methods: readonly string[],
): Pick<Row, 'state' | 'by'> {
  if (destination === undefined) {
    const by = methods.length === 0 ? '404: no route' : `405: only ${methods.join(' ')} there`
    return { state: 'unreachable', by }
  }
  if (destination.kind !== 'forward')
    return { state: 'shadowed', by: 'a path of the gateway itself' }
  const { serve } = destination.route
  if (serve.kind === 'static') return { state: 'shadowed', by: 'files' }
  const how = serve.stripPrefix === null ? '' : ` without ${serve.stripPrefix}`
  return { state: 'shadowed', by: `goes to upstream ${serve.upstream}${how}` }
}

/** Where no operation is found, somebody may have mistyped. */
function idlePatterns({
  config,
  upstream,
  used,
}: Context): readonly (Pattern & { isLive: boolean })[] {
  return config.routes
    .filter(({ serve }) => serve.kind === 'upstream' && serve.upstream === upstream)
    .flatMap(({ name, match, websocket }) =>
      match.paths
        .filter((pattern) => !used.has(`${name} ${pattern}`))
        .map((pattern) => ({ route: name, pattern, isLive: websocket !== null })),
    )
}
