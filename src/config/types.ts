/**
 * The configuration as the rest of the gateway sees it: parsed, defaulted, frozen. Durations are
 * milliseconds, sizes are bytes, URLs are normalised. Nothing inside re-checks what is promised here.
 */

/** HTTP methods a route may list; anything else is refused before routing. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

export interface GatewayConfig {
  readonly server: ServerConfig
  /** null: no admin listener. */
  readonly admin: AdminConfig | null
  readonly auth: AuthConfig
  readonly bearer: BearerConfig
  readonly identity: IdentityConfig
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
  readonly shutdown: { readonly drainMs: number; readonly graceMs: number }
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

export interface UpstreamConfig {
  readonly name: string
  /** Origin only: `http://127.0.0.1:8000`. */
  readonly origin: string
  readonly timeout: {
    readonly connectMs: number
    readonly firstByteMs: number
    readonly idleMs: number
  }
}

export type AccessMode = 'required' | 'optional' | 'none'

export interface RouteConfig {
  readonly name: string
  readonly match: {
    /** One or more patterns: literal segments, `{name}` for one segment, a final `/*` for the rest. */
    readonly paths: readonly string[]
    /** null: every method of the allow-list. `HEAD` is present wherever `GET` is. */
    readonly methods: readonly Method[] | null
    /** Escapes that this route accepts in its path. */
    readonly allow: readonly PathEscape[]
  }
  /** A key of `upstreams`. */
  readonly upstream: string
  readonly auth: RouteAuth
  readonly bodyLimitBytes: number
  /** What becomes of FastAPI's own 401: our problem with a hint, or passed as it is. */
  readonly upstream401: 'explain' | 'pass'
}

export type PathEscape = '%2F' | '%25' | ';'

export interface RouteAuth {
  readonly mode: AccessMode
  /** Only with mode `none`: the client's `Authorization` reaches FastAPI. */
  readonly forwardAuthorization: boolean
}
