import type { Leaf, RouteNode, RouteTable } from '../routing/compile.ts'

/**
 * Every leaf that a once-decoded path fits at a host, in the order of precedence: the first is the one that `findLeaf` finds.
 * @param host in any case
 */
export function leavesAt(table: RouteTable, host: string, path: string): readonly Leaf[] {
  const root = table.byHost.get(host.toLowerCase()) ?? table.root
  return descend(root, path, 1)
}

/** `offset` is where the next segment begins; past the end of the path there is none. */
function descend(node: RouteNode, path: string, offset: number): Leaf[] {
  if (offset > path.length) return [node.exact, node.wildcard].filter((leaf) => leaf !== null)
  const slash = path.indexOf('/', offset)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(offset, end)
  const literal = node.literals.get(segment)
  const parameter = segment === '' ? null : node.parameter
  return [
    ...(literal === undefined ? [] : descend(literal, path, end + 1)),
    ...(parameter === null ? [] : descend(parameter, path, end + 1)),
    ...(node.wildcard === null ? [] : [node.wildcard]),
  ]
}
