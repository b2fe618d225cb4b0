import type { GatewayConfig, Method, PathEscape, RouteConfig } from '../config/types.ts'
import { hostForms } from './host.ts'

/** What a matched path leads to. */
export type Destination =
  /** With the pattern of the route that matched. */
  | { readonly kind: 'forward'; readonly route: RouteConfig; readonly pattern: string }
  | { readonly kind: 'endpoint'; readonly access: EndpointAccess; readonly cors: boolean }
  | { readonly kind: 'reserved' }

/**
 * Who may call an endpoint of ours: anybody, anybody with a form of a page that is ours, anybody with the session looked at, a session
 * cookie, or any credential.
 */
export type EndpointAccess = 'open' | 'form' | 'peek' | 'session' | 'credential'

/** Everything that answers at one pattern. */
export interface Leaf {
  readonly pattern: string
  readonly byMethod: ReadonlyMap<string, Destination>
  readonly allow: readonly PathEscape[]
}

interface Node {
  readonly literals: Map<string, Node>
  parameter: Node | null
  exact: MutableLeaf | null
  wildcard: MutableLeaf | null
}

interface MutableLeaf {
  pattern: string
  byMethod: Map<string, Destination>
  allow: PathEscape[]
}

/** The routes as data: built once from a configuration, never changed; a reload swaps the pointer to it. */
export interface RouteTable {
  /** For every host that no route names. */
  readonly root: Node
  /** For the hosts that routes name, lower case: the routes of that host over those of every host. */
  readonly byHost: ReadonlyMap<string, Node>
}

export type { Node as RouteNode }

/** The methods that the gateway knows; a request with any other is a 405 on every path. */
export const allMethods: readonly Method[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]

/** Paths of ours that are never proxied, with their methods. Whatever else is under the prefix is a 404. */
export const endpoints = {
  session: { path: '/_gateway/session', methods: ['GET', 'HEAD'], access: 'peek' },
  token: { path: '/_gateway/token', methods: ['POST'], access: 'session' },
  /** Open for as long as the session; HEAD would have nothing to end with. */
  events: { path: '/_gateway/events', methods: ['GET'], access: 'session' },
  /** For pages of trusted origins too. */
  ticket: { path: '/_gateway/ticket', methods: ['POST'], access: 'credential' },
  login: { path: '/_gateway/login', methods: ['GET', 'HEAD', 'POST'], access: 'form' },
  /** What the pages load. */
  pages: { path: '/_gateway/pages/*', methods: ['GET', 'HEAD'], access: 'open' },
  kit: { path: '/_gateway/client.js', methods: ['GET', 'HEAD'], access: 'open' },
  /** Only where `auth.pushSecret` says what a push is signed with. */
  revocations: { path: '/_gateway/revocations', methods: ['POST'], access: 'open' },
} as const satisfies Record<
  string,
  { path: string; methods: readonly Method[]; access: EndpointAccess }
>

/**
 * Builds the route table. Patterns are taken as `parseConfig` left them: their syntax is not checked again, and a later
 * route at the same host, pattern and method would replace the earlier one.
 */
export function compileRoutes(config: GatewayConfig): RouteTable {
  const hosts = new Set(config.routes.flatMap(({ match }) => match.hosts ?? []))
  return {
    root: compileFor(config, null),
    byHost: new Map([...hosts].flatMap((host) => entriesOf(config, host))),
  }
}

function entriesOf(config: GatewayConfig, host: string): [string, Node][] {
  const root = compileFor(config, host)
  return hostForms(host, config.server.publicUrl).map((form) => [form, root])
}

/** The routes of every host, then those of this one, which replace them at the same pattern and method. */
function compileFor(config: GatewayConfig, host: string | null): Node {
  const root = createNode()
  const general = config.routes.filter(({ match }) => match.hosts === null)
  const own = config.routes.filter(({ match }) => host !== null && match.hosts?.includes(host))
  for (const route of [...general, ...own]) {
    for (const pattern of route.match.paths) {
      const destination: Destination = { kind: 'forward', route, pattern }
      add(root, pattern, route.match.methods ?? allMethods, destination, route.match.allow)
    }
  }
  addReserved(root, config.auth)
  return root
}

function addReserved(root: Node, { path: authPath, remote }: GatewayConfig['auth']): void {
  add(root, '/_gateway/*', allMethods, { kind: 'reserved' }, [])
  for (const { path, methods, access } of Object.values(endpoints)) {
    if (path === endpoints.revocations.path && !remote?.pushSecret) continue
    const cors = path === endpoints.ticket.path
    add(root, path, methods, { kind: 'endpoint', access, cors }, [])
  }
  // What a Better Auth elsewhere, with plugins of its own, answers to is not known here.
  const authMethods: readonly Method[] = remote ? allMethods : ['GET', 'HEAD', 'POST']
  add(root, `${authPath}/*`, authMethods, { kind: 'endpoint', access: 'open', cors: false }, [])
}

function add(
  root: Node,
  pattern: string,
  methods: readonly string[],
  destination: Destination,
  allow: readonly PathEscape[],
): void {
  const leaf = leafAt(root, pattern)
  for (const method of methods) leaf.byMethod.set(method, destination)
  leaf.allow = [...new Set([...leaf.allow, ...allow])]
}

function leafAt(root: Node, pattern: string): MutableLeaf {
  const segments = pattern.slice(1).split('/')
  const isWildcard = segments.at(-1) === '*'
  if (isWildcard) segments.pop()
  let node = root
  for (const segment of segments) node = childFor(node, segment)
  const leaf = (isWildcard ? node.wildcard : node.exact) ?? {
    pattern,
    byMethod: new Map<string, Destination>(),
    allow: [],
  }
  if (isWildcard) node.wildcard = leaf
  else node.exact = leaf
  return leaf
}

function childFor(node: Node, segment: string): Node {
  if (segment.startsWith('{')) {
    node.parameter ??= createNode()
    return node.parameter
  }
  const known = node.literals.get(segment)
  if (known !== undefined) return known
  const child = createNode()
  node.literals.set(segment, child)
  return child
}

function createNode(): Node {
  return { literals: new Map<string, Node>(), parameter: null, exact: null, wildcard: null }
}
