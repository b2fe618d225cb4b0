/**
 * Who keeps users and sessions. What only a Better Auth of our own has holds values that nobody reads where `remote` is there, except `signIn` and `signUp`: the
 * built-in page offers what they say.
 */
export interface AuthConfig {
  readonly mode: 'embedded' | 'remote'
  /** Without a trailing slash, for example `/api/auth`. */
  readonly path: string
  /** Better Auth's secrets: the first signs, all verify. Empty where a remote one keeps them to itself. */
  readonly secrets: readonly string[]
  readonly database: DatabaseConfig
  /** Absolute path of the file that exports the user's Better Auth options, or null. */
  readonly module: string | null
  readonly session: {
    readonly lifetimeMs: number
    readonly refreshAfterMs: number
    readonly cacheMs: number
    /** Where sessions are kept. `redis`: with `redis` configured. */
    readonly store: 'database' | 'redis'
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
  /** null: Better Auth lives in this process. */
  readonly remote: RemoteAuthConfig | null
}

/** A Better Auth that runs elsewhere. */
export interface RemoteAuthConfig {
  /** Origin, with the path below which its `auth.path` is where there is one; without a slash at its end. */
  readonly url: string
  /** The one exact name of the session cookie; null: as Better Auth names it for `publicUrl`. */
  readonly cookie: string | null
  /** Signs what the application pushes; null: nothing is accepted. */
  readonly pushSecret: string | null
}

export type DatabaseConfig = SqliteConfig | PostgresConfig

export interface SqliteConfig {
  readonly kind: 'sqlite'
  /** Absolute path, or `:memory:`. */
  readonly file: string
}

export interface PostgresConfig {
  readonly kind: 'postgres'
  /** `postgres:` URL; it may hold a password, and never appears in a message. */
  readonly url: string
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
