import type { RouteConfig } from '../../types.ts'
import { isUnder, normalizePattern } from '../../values/path.ts'
import type { Path } from '../../yaml/places.ts'
import type { DocumentReader } from '../reader.ts'

interface Owner {
  readonly name: string
  readonly line: number
}

const everyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** Stands for every host that no route names; it overlaps with none of them, because they win over it. */
const anyHost = '*'

/**
 * Refuses patterns under a reserved prefix, and a second route for the same host, path and method. Routes that could not
 * be read are null.
 */
export function checkPatterns(
  reader: DocumentReader,
  routes: readonly (RouteConfig | null)[],
  reserved: readonly string[],
): void {
  const owners = new Map<string, Owner>()
  for (const [index, route] of routes.entries()) {
    if (route === null) continue
    for (const [item, pattern] of route.match.paths.entries()) {
      const path = pathOfPattern(reader, index, item)
      const prefix = reserved.find((each) => isUnder(pattern, each))
      if (prefix !== undefined) reader.error(path, `${prefix} is reserved for the gateway`)
      const keys = keysOf(route, pattern)
      const other = keys.map((key) => owners.get(key)).find((owner) => owner !== undefined)
      if (other !== undefined) {
        const where = `route ${JSON.stringify(other.name)} in line ${String(other.line)}`
        reader.error(path, `the same path and method is already served by ${where}`)
      }
      const owner = { name: route.name, line: reader.lineOf(path) }
      for (const key of keys) if (!owners.has(key)) owners.set(key, owner)
    }
  }
}

/** One key for each host and method that the pattern is served for. */
function keysOf({ match }: RouteConfig, pattern: string): string[] {
  const same = normalizePattern(pattern)
  return (match.hosts ?? [anyHost]).flatMap((host) =>
    (match.methods ?? everyMethod).map((method) => `${method} ${host} ${same}`),
  )
}

/**
 * Warns of a public route that holds a protected one of the same upstream: whatever FastAPI gets there later is public, and
 * nobody will have decided so.
 */
export function warnAboutPublicPrefixes(
  reader: DocumentReader,
  routes: readonly (RouteConfig | null)[],
): void {
  const held = protectedByPrefix(routes)
  for (const [index, route] of routes.entries()) {
    if (route?.serve.kind !== 'upstream' || route.auth.mode !== 'none') continue
    for (const [item, pattern] of route.match.paths.entries()) {
      if (!pattern.endsWith('/*')) continue
      const prefix = normalizePattern(pattern).slice(0, -2)
      const inside = held.get(`${route.serve.upstream} ${prefix}`) ?? []
      const inner = inside.find((each) => doHostsMeet(each.match.hosts, route.match.hosts))
      if (inner === undefined) continue
      const path = pathOfPattern(reader, index, item)
      const name = JSON.stringify(inner.name)
      reader.warn(path, `holds the protected route ${name}: what else is there is public`)
    }
  }
}

/** The protected routes below each prefix of each upstream. One look for each prefix, or 10,000 routes would take seconds. */
function protectedByPrefix(
  routes: readonly (RouteConfig | null)[],
): ReadonlyMap<string, readonly RouteConfig[]> {
  const held = new Map<string, RouteConfig[]>()
  for (const route of routes) {
    if (route?.serve.kind !== 'upstream' || route.auth.mode !== 'required') continue
    for (const pattern of route.match.paths) {
      // `/a/*` is below `/*`, and not below itself; `/a` is below `/a/*` too.
      let prefix = normalizePattern(pattern)
      if (prefix.endsWith('/*')) prefix = parentOf(prefix.slice(0, -2))
      for (; prefix !== ''; prefix = parentOf(prefix)) {
        addTo(held, `${route.serve.upstream} ${prefix}`, route)
      }
      if (pattern !== '/*') addTo(held, `${route.serve.upstream} `, route)
    }
  }
  return held
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

function doHostsMeet(a: readonly string[] | null, b: readonly string[] | null): boolean {
  return a === null || b === null || a.some((host) => b.includes(host))
}

/** Where a pattern stands: itself, or in a list of them. */
export function pathOfPattern(reader: DocumentReader, index: number, item: number): Path {
  const path = ['routes', index, 'match', 'path']
  return Array.isArray(reader.valueAt(path)) ? [...path, item] : path
}
