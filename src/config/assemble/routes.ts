import { z } from 'zod'
import { defaultsSchema, routeSchema } from '../schema/routes.ts'
import type { CorsConfig, Method, RouteConfig, UpstreamConfig } from '../types.ts'
import type { DocumentReader } from './reader.ts'
import { toAuth } from './route/access.ts'
import { toObserve } from './route/enforce.ts'
import { checkHeaderChanges, identityHeaders, toHeaderChanges } from './route/headers.ts'
import { nameRoutes } from './route/names.ts'
import { checkPatterns, warnAboutPublicPrefixes } from './route/patterns.ts'
import { checkBuckets, toRateLimit } from './route/rate-limits.ts'
import { checkService, readWebSocket, toService } from './route/service.ts'

type Written = z.output<typeof routeSchema>
type Defaults = z.output<typeof defaultsSchema>

/** What routes are read with. */
export interface RouteContext {
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>
  /** null when it is itself wrong. */
  readonly authPath: string | null
  /** null when it is itself wrong. */
  readonly publicUrl: string | null
  /** Makes a path of the file absolute. */
  readonly resolvePath: (path: string) => string
}

export function readRoutes(reader: DocumentReader, context: RouteContext): RouteConfig[] {
  const defaults = reader.read(defaultsSchema, ['defaults']) ?? defaultsSchema.parse({})
  const items = reader.read(z.array(z.unknown()).min(1), ['routes']) ?? []
  const identity = identityHeaders(reader)
  const written = items.map((_, index) => {
    const route = reader.read(routeSchema, ['routes', index])
    checkService(reader, index)
    checkHeaderChanges(reader, index, identity)
    return route
  })
  const names = nameRoutes(reader, written)
  const routes = written.map((route, index) =>
    route === null
      ? null
      : toRoute(reader, { ...context, route, index, name: names[index] ?? '', defaults }),
  )
  const { authPath } = context
  checkPatterns(reader, routes, authPath === null ? ['/_gateway'] : ['/_gateway', authPath])
  checkBuckets(reader, routes, defaults)
  warnAboutPublicPrefixes(reader, routes)
  return routes.filter((route) => route !== null)
}

interface Source extends RouteContext {
  readonly route: Written
  readonly index: number
  readonly name: string
  readonly defaults: Defaults
}

function toRoute(reader: DocumentReader, from: Source): RouteConfig {
  const { route, index, name, defaults } = from
  const { match } = route
  const auth = toAuth(reader, { route, index, defaultMode: defaults.auth })
  return {
    name,
    match: {
      paths: [match.path].flat(),
      methods: toMethods(route),
      allow: [...new Set(match.allow)],
      hosts: toHosts(match.host, from.publicUrl),
    },
    serve: toService(reader, from),
    auth,
    bodyLimitBytes: route.bodyLimit ?? defaults.bodyLimit,
    upstream401: route.upstream401,
    websocket: readWebSocket(reader, route, index),
    rateLimit: toRateLimit(route, name, defaults),
    cors: toCors(route.cors),
    headers: toHeaderChanges(route.headers),
    observe: toObserve(reader, { route, index, mode: auth.mode }),
  }
}

/** RFC 9110 §9.3.2: HEAD is GET without the content, so whoever may GET may HEAD. */
function toMethods({ match, static: files }: Written): readonly Method[] | null {
  const { methods } = match
  if (methods === undefined) return files === undefined ? null : ['GET', 'HEAD']
  return [
    ...new Set(methods.flatMap((each): Method[] => (each === 'GET' ? [each, 'HEAD'] : [each]))),
  ]
}

/** Browsers send the port of `publicUrl` along, so a host that is written without one stands for that one too. */
function toHosts(
  written: Written['match']['host'],
  publicUrl: string | null,
): readonly string[] | null {
  if (written === undefined) return null
  const port = publicUrl === null ? '' : new URL(publicUrl).port
  const hosts = [written]
    .flat()
    .flatMap((host) => (port === '' || /:\d+$/.test(host) ? [host] : [host, `${host}:${port}`]))
  return [...new Set(hosts)]
}

function toCors(cors: Written['cors']): CorsConfig | null {
  return cors === undefined ? null : { origins: [...new Set(cors.origins)] }
}
