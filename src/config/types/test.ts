import type { CredentialKind, Method } from './route.ts'

/** A request that is written beside the routes, with what must become of it. The gateway never sees it. */
export interface TestConfig {
  readonly name: string
  /** In the file, 1-based. */
  readonly line: number
  readonly request: TestRequest
  /** null: nobody. */
  readonly as: TestCaller | null
  readonly expect: Expectation
}

export interface TestRequest {
  readonly method: Method
  /** A path with its query, or an absolute URL. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** null: the host of the URL, else that of `publicUrl`. */
  readonly host: string | null
  /** The client's address. */
  readonly from: string
  readonly navigation: boolean
  readonly websocket: boolean
}

/** Somebody who is made up to ask what they could do. */
export interface TestCaller {
  /** What they are proven by. */
  readonly via: CredentialKind
  readonly userId: string
  /** null: they have none. */
  readonly email: string | null
  readonly emailVerified: boolean
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly organization: { readonly id: string; readonly role: string } | null
  /** How long ago they signed in, milliseconds. */
  readonly sessionAgeMs: number
  readonly banned: boolean
  /** What FastAPI's own table calls them. */
  readonly externalId: string | null
}

/** What must be so. A key that is left out is not looked at. */
export interface Expectation {
  readonly decision?: 'forward' | 'static' | 'endpoint' | 'preflight' | 'refuse'
  /** null: no route is chosen. */
  readonly route?: string | null
  readonly endpoint?: string
  readonly status?: number
  /** Of the catalogue. */
  readonly code?: string
  readonly action?: 'none' | 'login' | 'refresh' | 'retry'
  readonly upstream?: string
  /** The target as FastAPI gets it. */
  readonly path?: string
  /** Below the folder of a static route. */
  readonly file?: string
  /** That FastAPI gets, by name in lower case. */
  readonly headers?: readonly (readonly [name: string, value: HeaderExpectation])[]
  /** Claims of the token that FastAPI gets. */
  readonly token?: Readonly<Record<string, unknown>>
  readonly login?: string
  /** What a route that only observes would have refused with; null: nothing. */
  readonly observed?: string | null
}

export type HeaderExpectation =
  | { readonly kind: 'present' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly value: string }
