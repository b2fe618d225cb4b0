import type { Problem } from '../errors/problem.ts'

export type { Problem }

/** What a page may know of its session: what `GET /_gateway/session` says of it. */
export interface GatewaySession {
  readonly user: {
    readonly id: string
    readonly email: string
    readonly name: string
    readonly image: string | null
    readonly role: string | null
  }
  /** RFC 3339, by the gateway's clock. */
  readonly expiresAt: string
}

/** Why and where somebody has to sign in. */
export interface LoginRequest {
  /** Path of the login page, with `return_to` leading back to where the page is now. */
  readonly url: string
  /** A code of the error contract: `credential_missing`, `session_revoked`, `session_not_fresh`, … */
  readonly code: string
}

/** What happened behind the scenes, for a log or a panel. Nothing has to be done about any of it. */
export type ClientEvent =
  /** A fresh credential is there. `here`: this tab fetched it; otherwise another one did. */
  | { readonly type: 'refreshed'; readonly here: boolean }
  /** It could not be fetched, and nothing is known about the session: no network, or the gateway says 5xx or 429. */
  | { readonly type: 'refresh-failed' }
  /** There is a session now, or another one, or it lives longer. */
  | { readonly type: 'session'; readonly session: GatewaySession }
  /** The session is over: `code` says why; `signed_out` is a `logout()` of this browser. */
  | { readonly type: 'signed-out'; readonly code: string }

export interface ClientOptions {
  /**
   * `cookie` (default): the browser's cookie is the credential, and no token is ever in JavaScript. `bearer`: requests carry an access
   * token, which is kept in memory only and handed from tab to tab.
   */
  readonly mode?: 'cookie' | 'bearer'
  /**
   * What to do when somebody has to sign in. A path: the login page, instead of the one that the gateway names. A function: is called
   * instead of leaving the page. Either happens once, until there is a session again.
   */
  readonly login?: string | ((request: LoginRequest) => void)
  /**
   * When the session of this page ends elsewhere (revoked, signed out in another tab): `login` (default) does what a refusal would;
   * `stay` leaves the page as it is, for sites that are of use without a session. Subscribers are told either way.
   */
  readonly signedOut?: 'login' | 'stay'
  /** `auth.path` of the gateway's configuration, for `logout()`; default `/api/auth`. */
  readonly authPath?: string
  /** Called with what happens behind the scenes. */
  readonly onEvent?: (event: ClientEvent) => void
}

export interface SessionStore {
  /** `undefined` until it is known, null when nobody is signed in. The same object until it changes. */
  readonly current: GatewaySession | null | undefined
  /** Calls the listener at once and after every change, as a Svelte store does. Returns what ends that. */
  subscribe(listener: (session: GatewaySession | null | undefined) => void): () => void
  /** Asks the gateway. Resolves with what is known afterwards; a failure changes nothing and does not reject. */
  reload(): Promise<GatewaySession | null | undefined>
}

export interface CoreClient {
  /**
   * `fetch` with sessions taken care of: what the gateway refuses with `refresh` is sent once more after a refresh, and `login` leads to
   * the login page. Any other answer comes as it is, the application's own 401 included. Requests to other origins are passed on untouched.
   */
  readonly fetch: typeof fetch
  readonly session: SessionStore
  /**
   * Fetches a fresh credential, or waits for the tab that is doing so. True: there is one. False: there is no session any more. Rejects
   * with a `TypeError` when it cannot be known.
   */
  refresh(): Promise<boolean>
  /** Signs out here and in every tab. Rejects when the gateway could not be told: the session still lives then. */
  logout(): Promise<void>
  /** An access token with some life left, for what is neither `fetch` nor a stream; null when nobody is signed in. */
  token(): Promise<string | null>
  /** Stops timers, listeners and streams: for tests, and for pages that replace their client. */
  close(): void
}

export interface StreamOptions {
  /** Further request headers. */
  readonly headers?: Readonly<Record<string, string>>
}

/** How a stream ended for good. */
export interface StreamEnd {
  /** A code of the error contract, or null: closed by `close()`, or by the application. */
  readonly code: string | null
}

export interface GatewayClient extends CoreClient {
  /**
   * An `EventSource` that gets over everything but the end of the session: it comes back after an outage or a refusal with back-off, a
   * fresh credential and `Last-Event-ID`, and ends with the event `end` (a `CustomEvent` of `StreamEnd`) where coming back is of no use. Of this
   * origin only: for another it throws a `TypeError`.
   */
  eventSource(url: string | URL, options?: StreamOptions): EventSource
  /**
   * A `WebSocket` that comes back after an outage with back-off and a fresh credential, each time with another `open`. It ends with
   * `end` (a `CustomEvent` of `StreamEnd`) when the session does, when it may not connect, or when the application closed it: with any
   * code but 1001, 1006, 1011 to 1014 and 3008. Every loss is a `close`; `readyState` tells whether it will come back (0) or not (3).
   * What is sent while it is not open is an `InvalidStateError`, as in a `WebSocket` that connects: nothing is lost silently.
   * Of this origin only as well.
   */
  webSocket(url: string | URL, protocols?: string | readonly string[]): WebSocket
}
