import type { PathEscape } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { CanonicalTarget } from './canonical.ts'
import type { Destination, Leaf, RouteNode, RouteTable } from './compile.ts'

/** What a request can be led to; reserved paths answer to nobody. */
export type Reachable = Exclude<Destination, { readonly kind: 'reserved' }>

/**
 * Finds what answers a request. The path chooses first: an exact segment before a parameter before `*`, segment by
 * segment, which is "exact, then longest literal prefix, then parameter before `*`". Only then the method: a less
 * specific pattern never serves a method that the chosen one does not list.
 *
 * Refusals: `route_not_found`, `method_not_allowed` (with `Allow`, RFC 9110 §15.5.6), and `path_not_canonical` when the
 * path holds an escape that the chosen pattern does not allow.
 */
export function matchRoute(
  table: RouteTable,
  target: CanonicalTarget,
  host: string,
  method: string,
): Reachable | Refusal {
  const leaf = findLeaf(table, host, target.path)
  const destination = leaf?.byMethod.get(method)
  // Routes that share a pattern may differ in what they allow: what counts is the one that was chosen.
  const allow = destination?.kind === 'forward' ? destination.route.match.allow : leaf?.allow
  const forbidden = target.escapes.find((escape) => allow?.includes(escape) !== true)
  if (forbidden !== undefined) {
    return refuse('path_not_canonical', { detail: `The path holds ${describe(forbidden)}.` })
  }
  if (leaf === null) return refuse('route_not_found')
  if (destination === undefined) {
    return refuse('method_not_allowed', {
      headers: { allow: [...leaf.byMethod.keys()].join(', ') },
    })
  }
  return destination.kind === 'reserved' ? refuse('route_not_found') : destination
}

/** The leaf that a once-decoded path belongs to at a host, whatever the method, or null. `host` is in any case. */
export function findLeaf(table: RouteTable, host: string, path: string): Leaf | null {
  const root = table.byHost.size === 0 ? undefined : table.byHost.get(host.toLowerCase())
  return descend(root ?? table.root, path, 1)
}

/** `offset` is where the next segment begins; past the end of the path there is none. */
function descend(node: RouteNode, path: string, offset: number): Leaf | null {
  if (offset > path.length) return node.exact ?? node.wildcard
  const slash = path.indexOf('/', offset)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(offset, end)
  const literal = node.literals.get(segment)
  if (literal !== undefined) {
    const leaf = descend(literal, path, end + 1)
    if (leaf !== null) return leaf
  }
  // A parameter is one segment that is not empty, as in Starlette's `[^/]+`.
  if (node.parameter !== null && segment !== '') {
    const leaf = descend(node.parameter, path, end + 1)
    if (leaf !== null) return leaf
  }
  return node.wildcard
}

function describe(escape: PathEscape): string {
  switch (escape) {
    case '%2F':
      return 'an encoded slash'
    case '%25':
      return 'an encoded percent sign'
    case ';':
      return 'a semicolon'
  }
}
