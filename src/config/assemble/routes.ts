import { z } from 'zod'
import { defaultsSchema, routeSchema, upstreamSchema } from '../schema/routes.ts'
import type { Method, RouteAuth, RouteConfig, UpstreamConfig } from '../types.ts'
import { parseName } from '../values/names.ts'
import { isUnder, normalizePattern } from '../values/path.ts'
import type { Path } from '../yaml/places.ts'
import { suggest } from '../yaml/suggest.ts'
import { nameRoutes } from './route-names.ts'
import type { DocumentReader } from './reader.ts'

type Written = z.output<typeof routeSchema>
type Defaults = z.output<typeof defaultsSchema>

export function readUpstreams(reader: DocumentReader): Record<string, UpstreamConfig> {
  const upstreams: Record<string, UpstreamConfig> = {}
  const written = reader.read(z.record(z.string(), z.unknown()), ['upstreams'])
  if (written === null) return upstreams
  const names = Object.keys(written)
  if (names.length === 0) reader.error(['upstreams'], 'at least one upstream is needed')
  for (const name of names) {
    const path = ['upstreams', name]
    const parsed = parseName(name)
    if ('problem' in parsed) reader.error(path, parsed.problem, 'key')
    const upstream = readUpstream(reader, name, path)
    if (upstream !== null) upstreams[name] = upstream
  }
  return upstreams
}

function readUpstream(reader: DocumentReader, name: string, path: Path): UpstreamConfig | null {
  const value = reader.read(upstreamSchema, path)
  if (value === null) return null
  const targets = [...(value.url === undefined ? [] : [value.url]), ...(value.targets ?? [])]
  const [origin] = targets
  if (origin === undefined) {
    reader.error(path, 'an upstream needs `url`')
    return null
  }
  if (targets.length > 1) {
    reader.error([...path, 'targets'], 'several targets are not supported yet')
  }
  const { connect, firstByte, idle } = value.timeout
  return {
    name,
    origin,
    timeout: { connectMs: connect, firstByteMs: firstByte, idleMs: idle },
  }
}

/** `authPath` is null when it is itself wrong. */
export function readRoutes(reader: DocumentReader, authPath: string | null): RouteConfig[] {
  const defaults = reader.read(defaultsSchema, ['defaults']) ?? defaultsSchema.parse({})
  const items = reader.read(z.array(z.unknown()).min(1), ['routes']) ?? []
  const written = items.map((_, index) => {
    const route = reader.read(routeSchema, ['routes', index])
    checkUpstream(reader, index)
    return route
  })
  const reserved = authPath === null ? ['/_gateway'] : ['/_gateway', authPath]
  const names = nameRoutes(reader, written)
  const routes = written.map((route, index) =>
    route === null ? null : toRoute(reader, { route, index, name: names[index] ?? '', defaults }),
  )
  checkPatterns(reader, routes, reserved)
  return routes.filter((route) => route !== null)
}

// Looks at the data, so that another wrong key of the route does not hide a wrong name.
function checkUpstream(reader: DocumentReader, index: number): void {
  const route = ['routes', index]
  const path = [...route, 'upstream']
  const name = reader.valueAt(path)
  if (!reader.isMapping(route)) return
  if (name === undefined) {
    // The complaint about `static` says enough.
    if (reader.valueAt([...route, 'static']) === undefined) reader.error(path, required)
    return
  }
  const names = reader.keysAt(['upstreams'])
  if (typeof name === 'string' && !names.includes(name)) {
    reader.error(path, `there is no upstream of this name${suggest(name, names)}`)
  }
}

const required = 'this key is required'

function toRoute(
  reader: DocumentReader,
  from: { route: Written; index: number; name: string; defaults: Defaults },
): RouteConfig {
  const { route, index, name, defaults } = from
  const { match } = route
  return {
    name,
    match: {
      paths: typeof match.path === 'string' ? [match.path] : match.path,
      methods: withHead(match.methods),
      allow: [...new Set(match.allow)],
    },
    upstream: route.upstream ?? '',
    auth: toAuth(reader, route.auth, { index, mode: defaults.auth }),
    bodyLimitBytes: route.bodyLimit ?? defaults.bodyLimit,
    upstream401: route.upstream401,
  }
}

/** RFC 9110 §9.3.2: HEAD is GET without the content, so whoever may GET may HEAD. */
function withHead(methods: readonly Method[] | undefined): readonly Method[] | null {
  if (methods === undefined) return null
  return [
    ...new Set(methods.flatMap((each): Method[] => (each === 'GET' ? [each, 'HEAD'] : [each]))),
  ]
}

function toAuth(
  reader: DocumentReader,
  auth: Written['auth'],
  from: { readonly index: number; readonly mode: RouteAuth['mode'] },
): RouteAuth {
  if (auth === undefined) return { mode: from.mode, forwardAuthorization: false }
  if (typeof auth === 'string') return { mode: auth, forwardAuthorization: false }
  const mode = auth.mode ?? from.mode
  if (auth.forwardAuthorization && mode !== 'none') {
    const path = ['routes', from.index, 'auth', 'forwardAuthorization']
    reader.error(path, 'only possible with `mode: none`')
  }
  return { mode, forwardAuthorization: auth.forwardAuthorization }
}

function checkPatterns(
  reader: DocumentReader,
  routes: readonly (RouteConfig | null)[],
  reserved: readonly string[],
): void {
  // pattern and method → the first route that has them
  const owners = new Map<string, { readonly name: string; readonly line: number }>()
  for (const [index, route] of routes.entries()) {
    if (route === null) continue
    for (const [item, pattern] of route.match.paths.entries()) {
      const path = pathOfPattern(reader, index, item)
      const prefix = reserved.find((each) => isUnder(pattern, each))
      if (prefix !== undefined) reader.error(path, `${prefix} is reserved for the gateway`)
      const keys = (route.match.methods ?? ['*']).map(
        (each) => `${each} ${normalizePattern(pattern)}`,
      )
      const other = findOwner(owners, keys)
      if (other !== undefined) {
        const where = `route ${JSON.stringify(other.name)} in line ${String(other.line)}`
        reader.error(path, `the same path and method is already served by ${where}`)
      }
      const owner = { name: route.name, line: reader.lineOf(path) }
      for (const key of keys) if (!owners.has(key)) owners.set(key, owner)
    }
  }
}

/** A list of methods overlaps with itself and with "every method" (`*`), which overlaps with everything. */
function findOwner<T>(owners: ReadonlyMap<string, T>, keys: readonly string[]): T | undefined {
  for (const key of keys) {
    const [method = '', ...pattern] = key.split(' ')
    const rest = pattern.join(' ')
    const others = method === '*' ? everyMethod : [method, '*']
    for (const other of others) {
      const owner = owners.get(`${other} ${rest}`)
      if (owner !== undefined) return owner
    }
  }
  return undefined
}

const everyMethod = ['*', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

function pathOfPattern(reader: DocumentReader, index: number, item: number): Path {
  const path = ['routes', index, 'match', 'path']
  return Array.isArray(reader.valueAt(path)) ? [...path, item] : path
}
