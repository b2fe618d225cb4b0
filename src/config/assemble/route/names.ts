import type { DocumentReader } from '../reader.ts'

interface Named {
  readonly name?: string | undefined
  readonly match: { readonly path: string | readonly string[] }
}

/** A name for every route: the one that is written, else one made from its first path; all different. */
export function nameRoutes(
  reader: DocumentReader,
  routes: readonly (Named | null)[],
): readonly string[] {
  const taken = new Map<string, number>()
  for (const [index, route] of routes.entries()) {
    if (route?.name === undefined) continue
    const first = taken.get(route.name)
    if (first === undefined) {
      taken.set(route.name, index)
      continue
    }
    const line = reader.lineOf(['routes', first, 'name'])
    const message = `another route has this name (line ${String(line)})`
    reader.error(['routes', index, 'name'], message)
  }
  return routes.map((route, index) => {
    if (route === null) return ''
    if (route.name !== undefined) return route.name
    const name = unusedName(nameFromPath(route.match.path), taken)
    taken.set(name, index)
    return name
  })
}

/** `/api/chat/{id}/*` → `api-chat-id`; `/*` → `root`. */
function nameFromPath(path: string | readonly string[]): string {
  const pattern = typeof path === 'string' ? path : (path[0] ?? '')
  const words = pattern.toLowerCase().match(/[a-z0-9_]+/g)
  const name =
    words
      ?.join('-')
      .replace(/^[-_]+/, '')
      .slice(0, 56) ?? ''
  return name === '' ? 'root' : name
}

function unusedName(base: string, taken: ReadonlyMap<string, number>): string {
  let name = base
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${String(count)}`
  return name
}
