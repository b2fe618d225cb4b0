import type { z } from 'zod'
import { websocketMapping } from '../../schema/route/service.ts'
import type { routeSchema } from '../../schema/routes.ts'
import type {
  RouteConfig,
  StaticService,
  UpstreamConfig,
  UpstreamService,
  UpstreamTimeouts,
  WebSocketConfig,
} from '../../types.ts'
import { isUnder } from '../../values/path.ts'
import { suggest } from '../../yaml/suggest.ts'
import type { DocumentReader } from '../reader.ts'
import { pathOfPattern } from './patterns.ts'

type Written = z.output<typeof routeSchema>

/** Where a route leads, with what only such a route may say. */
export interface ServiceOptions {
  readonly route: Written
  readonly index: number
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>
  readonly resolvePath: (path: string) => string
}

/** Says what is wrong with `upstream` and `static`; looks at the data, so that another wrong key of the route hides nothing. */
export function checkService(reader: DocumentReader, index: number): void {
  const route = ['routes', index]
  if (!reader.isMapping(route)) return
  const name = reader.valueAt([...route, 'upstream'])
  const isStatic = reader.valueAt([...route, 'static']) !== undefined
  if (name === undefined) {
    if (!isStatic) reader.error(route, 'a route needs `upstream` or `static`')
    return
  }
  if (isStatic) reader.error([...route, 'static'], 'write `upstream` or `static`, not both')
  const names = reader.keysAt(['upstreams'])
  if (typeof name === 'string' && !names.includes(name)) {
    const message = `there is no upstream of this name${suggest(name, names)}`
    reader.error([...route, 'upstream'], message)
  }
}

export function toService(
  reader: DocumentReader,
  options: ServiceOptions,
): UpstreamService | StaticService {
  const { route, upstreams, resolvePath } = options
  if (route.static !== undefined) {
    checkStatic(reader, options)
    const { dir, fallback } = route.static
    return { kind: 'static', dir: resolvePath(dir), fallback }
  }
  const upstream = route.upstream ?? ''
  checkPrefix(reader, options)
  const own = Object.hasOwn(upstreams, upstream) ? upstreams[upstream]?.timeout : undefined
  return {
    kind: 'upstream',
    upstream,
    timeout: mergeTimeouts(own, route.timeout),
    stripPrefix: route.rewrite?.stripPrefix ?? null,
  }
}

/** An upstream that could not be read leaves zeros: the configuration is not used then. */
function mergeTimeouts(
  upstream: UpstreamTimeouts | undefined,
  written: Written['timeout'],
): UpstreamService['timeout'] {
  return {
    firstByteMs: written?.firstByte ?? upstream?.firstByteMs ?? 0,
    idleMs: written?.idle ?? upstream?.idleMs ?? 0,
    streamIdleMs: written?.stream ?? upstream?.streamIdleMs ?? 0,
  }
}

function checkPrefix(reader: DocumentReader, { route, index }: ServiceOptions): void {
  const prefix = route.rewrite?.stripPrefix
  if (prefix === undefined) return
  for (const [item, pattern] of [route.match.path].flat().entries()) {
    if (isUnder(pattern, prefix)) continue
    const path = pathOfPattern(reader, index, item)
    reader.error(path, 'is not at or under `rewrite.stripPrefix` of this route')
  }
}

/** Files are read, so nothing that speaks of FastAPI or of other methods has a meaning. */
function checkStatic(reader: DocumentReader, { route, index }: ServiceOptions): void {
  const base = ['routes', index]
  for (const [item, method] of (route.match.methods ?? []).entries()) {
    if (method === 'GET' || method === 'HEAD') continue
    reader.error([...base, 'match', 'methods', item], 'files are only served to GET and HEAD')
  }
  const { auth } = route
  const misplaced = [
    ['rewrite'],
    ['timeout'],
    ['upstream401'],
    ...(toWebSocket(route.websocket) === null ? [] : [['websocket']]),
    ...(Object.keys(route.headers.request).length === 0 ? [] : [['headers', 'request']]),
    ...(typeof auth === 'object' && auth.forwardAuthorization
      ? [['auth', 'forwardAuthorization']]
      : []),
  ]
  for (const keys of misplaced) {
    const path = [...base, ...keys]
    if (reader.valueAt(path) !== undefined) reader.error(path, 'only possible with `upstream`')
  }
}

export function readWebSocket(
  reader: DocumentReader,
  route: Written,
  index: number,
): RouteConfig['websocket'] {
  const websocket = toWebSocket(route.websocket)
  const { methods } = route.match
  const isMissingGet = methods !== undefined && !methods.includes('GET')
  if (websocket !== null && isMissingGet && route.static === undefined) {
    const message = 'a WebSocket begins with a GET: add it to `match.methods`'
    reader.error(['routes', index, 'websocket'], message)
  }
  return websocket
}

function toWebSocket(written: Written['websocket']): WebSocketConfig | null {
  if (written === undefined || written === null || written === false) return null
  const { maxMessage, idle } = written === true ? websocketMapping.parse({}) : written
  return { maxMessageBytes: maxMessage, idleMs: idle }
}
