import type { RouteNode } from '../routing/compile.ts'

/** Some of the paths of a template, of which one stands for all. */
export interface TemplatePart {
  /** Decoded path to match with. */
  readonly path: string
  /** The template with the values that make the difference: `/items/public` of `/items/{id}`. */
  readonly shown: string
  /** No parameter has a value that a route names. */
  readonly isGeneral: boolean
}

/** Beyond which a template is looked at in its general form only. */
const maxParts = 10_000

/**
 * The paths of a template such as `/items/{id}`, in parts that a table of routes treats alike: for each parameter one value that
 * no route names, and each that one does. A parameter is one segment; FastAPI's `{rest:path}` cannot be told from one in OpenAPI.
 */
export function partsOf(template: string, root: RouteNode): readonly TemplatePart[] {
  const segments = template.slice(1).split('/')
  let parts: (TemplatePart & { readonly nodes: readonly RouteNode[] })[] = [
    { path: '', shown: '', isGeneral: true, nodes: [root] },
  ]
  for (const segment of segments) {
    const isParameter = segment.includes('{')
    parts = parts.flatMap((part) => {
      const named = part.nodes.flatMap((node) => [...node.literals.keys()])
      const free = unnamed(named)
      const values = isParameter
        ? [free, ...named.filter((name) => fits(segment, name))]
        : [segment]
      return values.map((value) => ({
        path: `${part.path}/${value}`,
        shown: `${part.shown}/${isParameter && value !== free ? value : segment}`,
        isGeneral: part.isGeneral && (!isParameter || value === free),
        nodes: part.nodes.flatMap((node) => stepsOf(node, value)),
      }))
    })
    if (parts.length > maxParts) parts = parts.filter(({ isGeneral }) => isGeneral)
  }
  return parts
}

function stepsOf(node: RouteNode, segment: string): readonly RouteNode[] {
  const next = [node.literals.get(segment), segment === '' ? null : node.parameter]
  return next.filter((each) => each !== undefined && each !== null)
}

function unnamed(literals: readonly string[]): string {
  let segment = '-'
  while (literals.includes(segment)) segment += '-'
  return segment
}

/** Whether a segment with parameters, such as `{name}.json`, can be this text. */
export function fits(segment: string, text: string): boolean {
  if (text === '') return false
  const pieces = segment.split(/\{[^{}]*\}/)
  let position = 0
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1
    const found =
      index === 0 ? 0 : isLast ? text.length - piece.length : text.indexOf(piece, position + 1)
    if (found < position + (index === 0 ? 0 : 1) || !text.startsWith(piece, found)) return false
    position = found + piece.length
  }
  return true
}

/** Whether a path is one of a template's. */
export function isOf(template: string, path: string): boolean {
  const [a, b] = [template.split('/'), path.split('/')]
  return (
    a.length === b.length &&
    a.every((segment, index) => {
      const text = b[index] ?? ''
      return segment.includes('{') ? fits(segment, text) : segment === text
    })
  )
}
