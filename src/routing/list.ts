import type { Leaf, RouteNode, RouteTable } from './compile.ts'

/** Every leaf of a table in the order of precedence: what is listed first wins where two match. */
export function listLeaves(table: RouteTable): readonly Leaf[] {
  return leavesOf(table.root)
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
