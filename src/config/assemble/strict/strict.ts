import type { GatewayConfig, RouteConfig } from '../../types.ts'
import { pathOfPattern } from '../route/patterns.ts'
import type { DocumentReader } from '../reader.ts'

const month = 30 * 86_400_000
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/**
 * What is allowed and seldom meant: `check --strict` asks for it to be said, so that nothing is open because nobody thought of it. Each
 * of these can be silenced by saying more, or by saying it otherwise.
 */
export function warnStrictly(reader: DocumentReader, config: GatewayConfig): void {
  warnAboutDefaults(reader)
  warnAboutOrigins(reader, config)
  warnAboutLifetime(reader, config)
  warnAboutCookies(reader, config)
  for (const [index, route] of config.routes.entries()) {
    if (route.serve.kind === 'upstream' && route.auth.mode === 'none') {
      warnAboutPublic(reader, route, index)
    }
  }
}

function warnAboutDefaults(reader: DocumentReader): void {
  const path = ['defaults', 'auth']
  const mode = reader.valueAt(path)
  if (mode !== 'none' && mode !== 'optional') return
  reader.warn(path, 'a route that forgets `auth` lets anybody through: say it on each instead')
}

function warnAboutOrigins(reader: DocumentReader, { auth, routes }: GatewayConfig): void {
  warnInTheClear(reader, ['auth', 'trustedOrigins'], auth.trustedOrigins)
  for (const [index, { cors }] of routes.entries()) {
    warnInTheClear(reader, ['routes', index, 'cors', 'origins'], cors?.origins ?? [])
  }
}

function warnInTheClear(
  reader: DocumentReader,
  path: readonly (string | number)[],
  origins: readonly string[],
): void {
  for (const [index, origin] of origins.entries()) {
    const { protocol, hostname } = new URL(origin)
    const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|.+\.localhost)$/.test(hostname)
    if (protocol === 'https:' || isHere) continue
    reader.warn([...path, index], 'without https, whoever is on the way can speak for this origin')
  }
}

function warnAboutLifetime(reader: DocumentReader, { bearer }: GatewayConfig): void {
  if (bearer.maxLifetimeMs <= month) return
  reader.warn(['bearer', 'maxLifetime'], 'a stolen token counts for longer than 30 days')
}

/** Who gets session cookies can be everybody who sent one. */
function warnAboutCookies(reader: DocumentReader, { auth, upstreams }: GatewayConfig): void {
  if (auth.remote === null) return
  const { origin } = new URL(auth.remote.url)
  for (const { name, targets, sessionCookie } of Object.values(upstreams)) {
    const isElsewhere = targets.some((target) => new URL(target).origin !== origin)
    if (sessionCookie === 'strip' || !isElsewhere) continue
    const message = 'session cookies travel to another server than the one of `auth.url`'
    reader.warn(['upstreams', name, 'sessionCookie'], message)
  }
}

function warnAboutPublic(reader: DocumentReader, route: RouteConfig, index: number): void {
  for (const [item, pattern] of route.match.paths.entries()) {
    if (pattern !== '/*') continue
    const message = 'whatever no other route serves is public'
    reader.warn(pathOfPattern(reader, index, item), message)
  }
  const path = ['routes', index, 'match']
  if (route.match.methods === null) {
    reader.warn(path, 'public for every method: say `methods`')
    return
  }
  if (route.rateLimit !== null || route.match.methods.every((each) => safeMethods.includes(each))) {
    return
  }
  reader.warn(path, 'anybody can change something here, as often as they like: say `rateLimit`')
}
