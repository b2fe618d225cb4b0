/**
 * The configuration as the rest of the gateway sees it: parsed, defaulted, frozen. Durations are
 * milliseconds, sizes are bytes, URLs are normalised. Nothing inside re-checks what is promised here.
 */

import type { RouteConfig } from './types/route.ts'
import type { UpstreamConfig } from './types/upstream.ts'

export type * from './types/route.ts'
export type * from './types/upstream.ts'

export interface GatewayConfig {
  readonly server: ServerConfig
  /** null: no admin listener. */
  readonly admin: AdminConfig | null
  readonly auth: AuthConfig
  readonly bearer: BearerConfig
  readonly identity: IdentityConfig
  /** null: one node; limits are counted in memory. */
  readonly redis: RedisConfig | null
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>
  readonly routes: readonly RouteConfig[]
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

export interface ServerConfig {
  readonly listen: ListenAddress
  /** The one origin browsers use: scheme, host and port only, as `URL.origin` writes it. */
  readonly publicUrl: string
  /** More accepted `Host` values, lower case, with their port where one was written. */
  readonly hosts: readonly string[]
  /** CIDRs or addresses whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** null: plain HTTP. */
  readonly tls: TlsConfig | null
  readonly limits: FrontLimits
  readonly shutdown: { readonly drainMs: number; readonly graceMs: number }
}

/** Absolute paths of PEM files; read again when they change. */
export interface TlsConfig {
  readonly certFile: string
  readonly keyFile: string
}

/** A client is its address as `trustedProxies` lets it be seen; an IPv6 client is its /64. */
export interface FrontLimits {
  /** Open connections to the public port. */
  readonly connections: number
  /** Requests of one client that are under way at once. Streams do not count once they have begun. */
  readonly requestsPerClient: number
  /** WebSocket connections and event streams of one client at once. */
  readonly streamsPerClient: number
}

export interface RedisConfig {
  /** `redis:` or `rediss:` URL; it may hold a password, and never appears in a message. */
  readonly url: string
}

export interface AdminConfig {
  readonly listen: ListenAddress
}

export interface AuthConfig {
  readonly mode: 'embedded'
  /** Without a trailing slash, for example `/api/auth`. */
  readonly path: string
  readonly secret: string
  readonly database: DatabaseConfig
  /** Absolute path of the file that exports the user's Better Auth options, or null. */
  readonly module: string | null
  readonly session: {
    readonly lifetimeMs: number
    readonly refreshAfterMs: number
    readonly cacheMs: number
  }
  readonly signIn: {
    readonly email: boolean
    /** Providers by Better Auth's names; those with an empty client id have been left out. */
    readonly social: Readonly<Record<string, SocialProvider>>
  }
  readonly signUp: SignUpPolicy
  /** Same-origin path, or an absolute http(s) URL. */
  readonly loginPage: string
  /** Origins besides `publicUrl`, as `URL.origin` writes them. */
  readonly trustedOrigins: readonly string[]
}

export interface DatabaseConfig {
  readonly kind: 'sqlite'
  /** Absolute path, or `:memory:`. */
  readonly file: string
}

export interface SocialProvider {
  readonly clientId: string
  readonly clientSecret: string
}

export type SignUpPolicy =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  /** Only e-mail addresses of these domains, lower case. */
  | { readonly kind: 'domains'; readonly domains: readonly string[] }

export interface BearerConfig {
  /** The first signs, all verify. Never empty. */
  readonly secrets: readonly string[]
  readonly ttlMs: number
  readonly maxLifetimeMs: number
  readonly userClaim: string
  readonly issuer: string | null
  readonly audience: string | null
}

/** A value of the principal that may be shown to FastAPI. */
export type IdentitySource =
  'user.id' | 'user.email' | 'user.name' | 'user.role' | 'user.image' | 'session.id'

export interface IdentityConfig {
  /** Header name, as written, to source. `X-User-Id` is always among them and always `user.id`. */
  readonly headers: readonly { readonly name: string; readonly source: IdentitySource }[]
  /** null: no token is issued (`token: none`). */
  readonly token: TokenConfig | null
}

export interface TokenConfig {
  readonly profile: 'default'
  readonly ttlMs: number
  /** Additional claims by name. */
  readonly claims: readonly { readonly name: string; readonly source: IdentitySource }[]
}
