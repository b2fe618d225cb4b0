import type { GatewayConfig } from '../config/types.ts'
import { entryOf, type Code } from '../errors/catalogue.ts'
import { isRefusal, type Refusal } from '../errors/refusal.ts'
import { readTarget } from '../routing/canonical.ts'
import { endpoints, type Destination, type Leaf, type RouteTable } from '../routing/compile.ts'
import { findLeaf, matchRoute } from '../routing/match.ts'
import { leavesAt } from './leaves.ts'

/** Something whose path fits a request. */
export interface Candidate {
  /** `reserved`: a path of ours where nobody answers. */
  readonly kind: 'route' | 'endpoint' | 'reserved'
  /** Of the route; of an endpoint of ours its own, such as `session`; `auth` is everything below `auth.path`. */
  readonly name: string
  readonly pattern: string
  /** That it serves at this pattern. */
  readonly methods: readonly string[]
  /** null: every host of the gateway. */
  readonly hosts: readonly string[] | null
}

/** Why something that fits did not get the request. */
export type LostBecause =
  /** Another pattern that fits is more specific, whatever the methods. */
  | 'less_specific'
  /** The pattern was chosen; the method is not among those that it lists. */
  | 'method'
  /** It is for other hosts. */
  | 'host'
  /** A route of this very host has the same pattern and method. */
  | 'host_route_wins'
  /** The pattern was chosen; the path holds an escape that it does not allow. */
  | 'escape'
  /** A path of ours where nobody answers. */
  | 'reserved'

export interface RunnerUp extends Candidate {
  readonly because: LostBecause
  /** The reason in words. */
  readonly reason: string
}

/** Which route a request gets, and why no other. */
export interface RouteExplanation {
  /** null: nothing gets it, for the reason that `refusal` says. */
  readonly chosen: Candidate | null
  /** Why nothing was chosen. */
  readonly refusal: { readonly code: Code; readonly detail: string } | null
  /** What fits the path and lost: the nearest first. */
  readonly runnersUp: readonly RunnerUp[]
}

/**
 * Explains which route a request gets, by the very functions that route it: who fits the path, who was chosen, and why the others lost.
 * Pure; needs no credential and looks at nothing but the route table.
 *
 * @param routes as `compileRoutes` made it of `config`; the snapshot has it in `road.routes`
 * @param config only for what is not in the table: `auth.path` and the hosts of routes
 * @param method as received
 * @param host as received; whether it is ours is not checked
 * @param path as received, with its query or without: `/api/x?y=1`
 */
export function explainRoute(
  routes: RouteTable,
  config: GatewayConfig,
  method: string,
  host: string,
  path: string,
): RouteExplanation {
  const target = readTarget(path)
  if (isRefusal(target)) return { chosen: null, refusal: worded(target), runnersUp: [] }
  const found = matchRoute(routes, target, host, method)
  const leaf = findLeaf(routes, host, target.path)
  const refusal = isRefusal(found) ? found : null
  const chosen = refusal === null ? (leaf?.byMethod.get(method) ?? null) : null
  const here: Here = { config, method, host: host.toLowerCase(), refusal, leaf }
  const fitting = leavesAt(routes, host, target.path).flatMap((each) => candidatesOf(each, here))
  const isChosen = (each: Fitting): boolean =>
    each.destination === chosen && each.pattern === leaf?.pattern
  const lost = fitting.filter((each) => !isChosen(each)).map((each) => lose(each, here))
  const winner = fitting.find(isChosen)
  return {
    chosen: winner === undefined ? null : toCandidate(winner),
    refusal: refusal === null ? null : worded(refusal),
    runnersUp: [...lost, ...elsewhere(routes, target.path, fitting, here)],
  }
}

/** What the reasons depend on. */
interface Here {
  readonly config: GatewayConfig
  readonly method: string
  readonly host: string
  readonly refusal: Refusal | null
  /** The pattern that was chosen, whether or not it serves the method. */
  readonly leaf: Leaf | null
}

interface Fitting extends Candidate {
  readonly destination: Destination
}

function worded({ code, detail }: Refusal): { readonly code: Code; readonly detail: string } {
  return { code, detail: detail ?? entryOf(code).detail }
}

/** What answers at one pattern, one for each route. */
function candidatesOf({ pattern, byMethod }: Leaf, { config }: Pick<Here, 'config'>): Fitting[] {
  const groups = Map.groupBy(byMethod, ([, destination]) => destination)
  return [...groups].map(([destination, entries]) => {
    const isRoute = destination.kind === 'forward'
    return {
      kind: isRoute ? 'route' : destination.kind,
      name: isRoute ? destination.route.name : endpointName(pattern, config),
      pattern,
      methods: entries.map(([method]) => method),
      hosts: isRoute ? destination.route.match.hosts : null,
      destination,
    }
  })
}

function endpointName(pattern: string, { auth }: GatewayConfig): string {
  if (pattern === `${auth.path}/*`) return 'auth'
  const found = Object.entries(endpoints).find(([, { path }]) => path === pattern)
  return found?.[0] ?? 'gateway'
}

function toCandidate({ destination: _destination, ...candidate }: Fitting): Candidate {
  return candidate
}

function lose(fitting: Fitting, { leaf, method, refusal }: Here): RunnerUp {
  const candidate = toCandidate(fitting)
  if (fitting.pattern !== leaf?.pattern) {
    const than = `${fitting.pattern} is less specific than ${leaf?.pattern ?? ''}`
    const isMethod = refusal?.code === 'method_not_allowed'
    const more = isMethod ? ', and the path chooses before the method' : ''
    return { ...candidate, because: 'less_specific', reason: than + more }
  }
  if (refusal?.code === 'path_not_canonical') {
    const reason = refusal.detail ?? entryOf(refusal.code).detail
    return { ...candidate, because: 'escape', reason }
  }
  return fitting.kind === 'reserved'
    ? { ...candidate, because: 'reserved', reason: 'a path of the gateway where nothing answers' }
    : { ...candidate, because: 'method', reason: `does not list ${method}` }
}

/** Routes of other hosts that fit, and routes of every host whose place a route of this one has taken. */
function elsewhere(
  routes: RouteTable,
  path: string,
  fitting: readonly Fitting[],
  here: Here,
): RunnerUp[] {
  const seen = new Set(fitting.map(keyOf))
  const hosts = [...routes.byHost.keys()].filter((host) => host !== here.host)
  const others = [...hosts, ''].flatMap((host) =>
    leavesAt(routes, host, path).flatMap((leaf) => candidatesOf(leaf, here)),
  )
  return others.flatMap((other): RunnerUp[] => {
    if (seen.has(keyOf(other))) return []
    seen.add(keyOf(other))
    const candidate = toCandidate(other)
    const reason = 'a route of this very host has the same path and method'
    return other.hosts === null
      ? [{ ...candidate, because: 'host_route_wins', reason }]
      : [{ ...candidate, because: 'host', reason: `only for ${other.hosts.join(', ')}` }]
  })
}

function keyOf({ kind, name, pattern }: Candidate): string {
  return JSON.stringify([kind, name, pattern])
}
