import type { CredentialKind, GatewayConfig, Method, RouteConfig } from '../../config/types.ts'
import { isRefusal } from '../../errors/refusal.ts'
import type { Clock } from '../../clock.ts'
import { readTarget } from '../../routing/canonical.ts'
import { allMethods, compileRoutes, type RouteTable } from '../../routing/compile.ts'
import { matchRoute, type Reachable } from '../../routing/match.ts'
import type { Caller, Ground, Probe } from '../ground.ts'
import { ada, callerFor, refusalOf, type Callers } from './callers.ts'

const kinds: readonly CredentialKind[] = ['session', 'bearer', 'apiKey']
const mildFirst: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']
const unsafe: readonly Method[] = ['POST', 'PUT', 'PATCH', 'DELETE']

/** A place of a route that no made-up caller has been given a key to. */
export type BareProbe = Omit<Probe, 'callers' | 'closed'>

/** One place for each route that something can reach. */
export function bareProbes(config: GatewayConfig): readonly BareProbe[] {
  const table = compileRoutes(config)
  const usual = new URL(config.server.publicUrl).host
  return config.routes.flatMap((route, index) => {
    const host = route.match.hosts?.[0] ?? usual
    const method =
      mildFirst.find((each) => (route.match.methods ?? allMethods).includes(each)) ?? 'GET'
    const path = route.match.paths
      .map((pattern) => pathOf(pattern, route))
      .find((each) => {
        const found = find(table, method, each, host)
        return found !== null && found.kind === 'forward' && found.route === route
      })
    if (path === undefined) return []
    const served = (each: Method): boolean => {
      const found = find(table, each, path, host)
      return found !== null && found.kind === 'forward' && found.route === route
    }
    const upstream = route.serve.kind === 'upstream' ? route.serve.upstream : null
    return [{ route, index, path, host, method, unsafe: unsafe.find(served) ?? null, upstream }]
  })
}

/** A path that a pattern matches; whose it is, where the route asks. */
function pathOf(pattern: string, { auth }: RouteConfig): string {
  const owner = auth.needs?.owner ?? null
  const segments = pattern.split('/').map((segment) => {
    if (segment === '*') return 'attack'
    if (!segment.startsWith('{')) return segment
    return segment === `{${owner ?? ''}}` ? ada : 'attack-1'
  })
  return segments.join('/')
}

function find(table: RouteTable, method: string, path: string, host: string): Reachable | null {
  const target = readTarget(path)
  if (isRefusal(target)) return null
  const found = matchRoute(table, target, host, method)
  return isRefusal(found) ? null : found
}

/** Gives out a caller for each kind of credential with which a place can be reached. */
export async function withCallers(
  bare: BareProbe,
  {
    config,
    callers,
    clock,
  }: { readonly config: GatewayConfig; readonly callers: Callers; readonly clock: Clock },
): Promise<Probe> {
  if (bare.route.auth.mode === 'none') return { ...bare, callers: [], closed: null }
  const admitted: Caller[] = []
  let closed: string | null = null
  for (const via of kinds) {
    const caller = callerFor(bare.route, via)
    const code = await refusalOf(caller, bare, config, clock)
    if (code === null) admitted.push(callers.admit(caller))
    else closed ??= code
  }
  return { ...bare, callers: admitted, closed: admitted.length > 0 ? null : closed }
}

/** What a target leads to for somebody without a caller. */
export function leader(config: GatewayConfig): Ground['leadsTo'] {
  const table = compileRoutes(config)
  return (method, target, host) => {
    const found = find(table, method, target, host)
    if (found === null) return 'refusal'
    if (found.kind === 'endpoint') return 'closed'
    const { route } = found
    return route.serve.kind === 'upstream' && route.auth.mode !== 'required' ? 'open' : 'closed'
  }
}
