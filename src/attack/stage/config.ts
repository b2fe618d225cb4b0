import { addedField } from '../../assertion/sources.ts'
import type {
  GatewayConfig,
  IdentityConfig,
  RouteConfig,
  UpstreamConfig,
} from '../../config/types.ts'

/** Where stand-ins listen, as origins. */
export interface StandIns {
  readonly upstreamOf: (name: string) => string
  /** Answers as a Better Auth that knows nobody. */
  readonly betterAuth: string
  /** Publishes the keys of an issuer, by its place in the list. */
  readonly issuerOf: (index: number) => string
}

/**
 * The configuration with everything outside replaced: what it decides is as its author wrote it, and nothing of theirs is touched. It listens on a free
 * port of loopback without TLS; accounts are in memory; upstreams, issuers and a remote Better Auth are ours; limits are not counted; nothing is written.
 */
export function toStaged(config: GatewayConfig, standIns: StandIns): GatewayConfig {
  const { auth } = config
  return {
    ...config,
    server: {
      ...config.server,
      listen: { host: '127.0.0.1', port: 0 },
      tls: null,
      shutdown: { drainMs: 0, graceMs: 100 },
    },
    admin: null,
    audit: { kind: 'none' },
    log: { access: null },
    redis: null,
    auth: {
      ...auth,
      database: { kind: 'sqlite', file: ':memory:' },
      module: null,
      session: { ...auth.session, store: 'database' },
      remote: auth.remote && { ...auth.remote, url: standIns.betterAuth },
    },
    bearer: {
      ...config.bearer,
      jwks: config.bearer.jwks.map((issuer, index) => ({
        ...issuer,
        url: standIns.issuerOf(index),
      })),
    },
    identity: withoutModule(config.identity),
    upstreams: Object.fromEntries(
      Object.entries(config.upstreams).map(([name, each]) => [
        name,
        replaced(each, standIns.upstreamOf(name)),
      ]),
    ),
    routes: config.routes.map(unlimited),
  }
}

/** What users are known by where `auth.module` has given them a field: the module is the user's program, and is not run. */
function withoutModule(identity: IdentityConfig): IdentityConfig {
  const { headers, token } = identity
  const isAdded = (source: string): boolean => addedField(source) !== null
  return {
    headers: headers.map((each) =>
      isAdded(each.source) ? { ...each, source: 'user.name' as const } : each,
    ),
    token: token && {
      ...token,
      subject: isAdded(token.subject) ? 'user.id' : token.subject,
      claims: token.claims.filter(({ source }) => !isAdded(source)),
    },
  }
}

function replaced(upstream: UpstreamConfig, target: string): UpstreamConfig {
  return { ...upstream, targets: [target], tls: null, health: null, breaker: null }
}

function unlimited(route: RouteConfig): RouteConfig {
  return { ...route, rateLimit: null }
}
