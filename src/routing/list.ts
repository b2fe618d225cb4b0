import type { Leaf, RouteNode, RouteTable } from './compile.ts'

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
