/**
 * The configuration as the rest of the gateway sees it: parsed, defaulted, frozen. Durations are
 * milliseconds, sizes are bytes, URLs are normalised. Nothing inside re-checks what is promised here.
 */

import type { AuthConfig } from './types/auth.ts'
import type { BearerConfig } from './types/bearer.ts'
import type { IdentityConfig } from './types/identity.ts'
import type { RouteConfig } from './types/route.ts'
import type { UpstreamConfig } from './types/upstream.ts'

export type * from './types/auth.ts'
export type * from './types/bearer.ts'
export type * from './types/identity.ts'
export type * from './types/route.ts'
export type * from './types/upstream.ts'

export interface GatewayConfig {
  readonly server: ServerConfig
  /** null: no admin listener. */
  readonly admin: AdminConfig | null
  readonly audit: AuditConfig
  readonly auth: AuthConfig
  readonly bearer: BearerConfig
  readonly log: LogConfig
  readonly identity: IdentityConfig
  readonly pages: PagesConfig
  /** null: one node; limits are counted in memory. */
  readonly redis: RedisConfig | null
  /** null: no other proxy asks us about its requests. */
  readonly verify: VerifyConfig | null
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

/** What the gateway's own pages are dressed with: sign-in and refusals. */
export interface PagesConfig {
  /** Of the application, as people know it; null: it is not named. */
  readonly name: string | null
  /** Absolute path of an image; null: the gateway's own emblem. */
  readonly logoFile: string | null
}

export interface RedisConfig {
  /** `redis:` or `rediss:` URL; it may hold a password, and never appears in a message. */
  readonly url: string
}

/** How a proxy that forwards requests itself says which one it asks about. */
export type VerifyDialect = 'nginx' | 'traefik' | 'caddy' | 'envoy'

/** Forward-auth. */
export interface VerifyConfig {
  /** CIDRs or addresses of the proxies that may ask, by their connection. Never empty. */
  readonly from: readonly string[]
  readonly dialect: VerifyDialect
}

export interface AdminConfig {
  readonly listen: ListenAddress
  /** Opens the console and its controls; null: it shows itself to this machine only, and changes nothing. Printable ASCII. */
  readonly token: string | null
}

export interface LogConfig {
  /** null: no line for each request. */
  readonly access: AccessLogConfig | null
}

export interface AccessLogConfig {
  /** Names of routes whose requests get a line only where something went wrong. */
  readonly except: readonly string[]
}

/** Where the audit log goes; `file` is an absolute path. */
export type AuditConfig =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly file: string }
