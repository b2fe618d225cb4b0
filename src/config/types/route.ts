import type { UserField } from './identity.ts'
import type { UpstreamTimeouts } from './upstream.ts'

/** HTTP methods a route may list; anything else is refused before routing. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

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
    /** `Host` values, lower case, with their port where one was written; null: every host of the gateway. */
    readonly hosts: readonly string[] | null
  }
  readonly serve: UpstreamService | StaticService
  readonly auth: RouteAuth
  readonly bodyLimitBytes: number
  /** What becomes of FastAPI's own 401: our problem with a hint, or passed as it is. */
  readonly upstream401: 'explain' | 'pass'
  /** null: the route accepts no WebSocket connections. */
  readonly websocket: WebSocketConfig | null
  readonly rateLimit: RateLimitConfig | null
  readonly cors: CorsConfig | null
  readonly headers: HeaderChanges
  /** null: what speaks against a request is answered. Otherwise it is only reported. Never of a static route. */
  readonly observe: ObserveConfig | null
}

/** What a route that refuses nobody for who they are does instead: FastAPI's own login decides as it did before. */
export interface ObserveConfig {
  /** The header of FastAPI's answers, lower case, that says whom its own login found; null: nothing is compared. It goes no further. */
  readonly userHeader: string | null
  /** What of our user that header is compared with. */
  readonly compareWith: UserField
  /** Callers who would pass are named to FastAPI in the identity headers. */
  readonly identityHeaders: boolean
  /** Better Auth's cookies travel on, for a FastAPI that reads them itself. */
  readonly sessionCookies: boolean
}

export interface UpstreamService {
  readonly kind: 'upstream'
  /** A key of `upstreams`. */
  readonly upstream: string
  /** The upstream's, with what the route says instead. */
  readonly timeout: Omit<UpstreamTimeouts, 'connectMs'>
  /** A literal path prefix such as `/reports` that FastAPI does not see, or null. Every pattern of the route is under it. */
  readonly stripPrefix: string | null
}

export interface StaticService {
  readonly kind: 'static'
  /** Absolute path of the folder. */
  readonly dir: string
  /** File below `dir` for navigations to paths where no file is, or null. */
  readonly fallback: string | null
}

export interface WebSocketConfig {
  readonly maxMessageBytes: number
  /** Without a frame from either side for this long, both are pinged; without an answer for as long again, it ends. 0: never. */
  readonly idleMs: number
}

export interface RateLimitConfig {
  /** Routes with the same bucket share one count; the route's own name unless the file says another. */
  readonly bucket: string
  readonly requests: number
  readonly perMs: number
  /** `ip` is counted before authentication; `user` after it, and falls back to the address where nobody is known. */
  readonly by: 'user' | 'ip'
}

export interface CorsConfig {
  /** Origins as `URL.origin` writes them. Credentials are allowed to those that are also `auth.trustedOrigins`. */
  readonly origins: readonly string[]
}

/** Names lower case; a null value removes the header. Never hop-by-hop, framing, identity or forwarding headers. */
export interface HeaderChanges {
  readonly request: readonly { readonly name: string; readonly value: string | null }[]
  readonly response: readonly { readonly name: string; readonly value: string | null }[]
}

export type PathEscape = '%2F' | '%25' | ';'

/** What a request can be decided by: the session cookie, anything in `Authorization`, or `x-api-key`. */
export type CredentialKind = 'session' | 'bearer' | 'apiKey'

export interface RouteAuth {
  readonly mode: AccessMode
  /** Only with mode `none`: the client's `Authorization` reaches FastAPI. */
  readonly forwardAuthorization: boolean
  /** The kinds of credentials that may decide; null: every kind, as far as the file says nothing. */
  readonly accept: readonly CredentialKind[] | null
  /** null: whoever is authenticated may pass. */
  readonly needs: AccessNeeds | null
}

/** What a principal must fulfil, all of it. Never with mode `none`. */
export interface AccessNeeds {
  /** The user has one of them; null: none is asked for. */
  readonly roles: readonly string[] | null
  /** The credential has all of them; null: none is asked for. */
  readonly scopes: readonly string[] | null
  /** The session began at most so long ago. */
  readonly freshMs: number | null
  /** The parameter of every pattern of the route whose value is the id of the user. */
  readonly owner: string | null
  readonly emailVerified: boolean
  /** An organisation is active of which the user is a member, with one of these roles where there are some. */
  readonly organization: { readonly roles: readonly string[] | null } | null
}
