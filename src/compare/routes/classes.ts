import type { Leaf, RouteNode } from '../../routing/compile.ts'

/** More than any configuration that people write has: patterns with parameters at every place multiply. */
const maxClasses = 500_000

/** Thrown for tables that overlap in too many ways to be looked at. */
export class TooManyClasses extends Error {
  override readonly name = 'TooManyClasses'
}

/**
 * Decoded paths that stand for all that there are: whatever path a request has, one of these is matched by the same patterns
 * of each table. For each segment either a literal of some pattern is tried or one that no pattern names, and the path may end
 * anywhere, with a slash or without.
 *
 * Throws `TooManyClasses`.
 */
export function representatives(roots: readonly RouteNode[]): readonly string[] {
  const paths: string[] = []
  const keep = (path: string): void => {
    if (paths.length === maxClasses) throw new TooManyClasses()
    paths.push(path)
  }
  walk(roots, '', keep)
  return paths
}

/** @param nodes of either table that the path so far leads to */
function walk(nodes: readonly RouteNode[], path: string, keep: (path: string) => void): void {
  if (path !== '') keep(path)
  // An empty segment ends a path.
  keep(`${path}/`)
  if (nodes.length === 0) return
  const literals = new Set(nodes.flatMap((node) => [...node.literals.keys()]))
  for (const literal of literals) {
    if (literal !== '') walk(stepsOf(nodes, literal), `${path}/${literal}`, keep)
  }
  const other = unnamed(literals)
  walk(stepsOf(nodes, other), `${path}/${other}`, keep)
}

function stepsOf(nodes: readonly RouteNode[], segment: string): readonly RouteNode[] {
  return nodes.flatMap(({ literals, parameter }) =>
    [literals.get(segment), parameter].filter((node) => node !== undefined && node !== null),
  )
}

function unnamed(literals: ReadonlySet<string>): string {
  let segment = '-'
  while (literals.has(segment)) segment += '-'
  return segment
}

/** How people call the paths that two leaves share: by the pattern of what both match. */
export function patternOf(before: Leaf | null, after: Leaf | null): string {
  if (before === null || after === null) return (before ?? after)?.pattern ?? ''
  return overlap(before.pattern.split('/'), after.pattern.split('/')).join('/')
}

/** What both patterns match, of two that share a path; of two parameters, the name in the later configuration. */
function overlap(before: readonly string[], after: readonly string[]): readonly string[] {
  const shared: string[] = []
  for (let index = 0; ; index += 1) {
    const [a, b] = [before[index], after[index]]
    // What is left after `*` is what the other one still asks for.
    if (a === '*' || b === undefined) return [...shared, ...after.slice(index)]
    if (b === '*' || a === undefined) return [...shared, ...before.slice(index)]
    shared.push(b.startsWith('{') ? (a.startsWith('{') ? b : a) : b)
  }
}
