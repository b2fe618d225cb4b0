import type { CredentialKind } from '../config/types.ts'
import type { Code } from '../errors/catalogue.ts'
import type { RouteExplanation } from './route.ts'

/** Everything that can be said about a request before it is sent. Holds no secret; `JSON.stringify` of it is a public format. */
export interface Explanation {
  readonly request: RequestView
  readonly route: RouteExplanation
  readonly credential: CredentialView
  readonly decision: Decision
  /** What FastAPI would get; null where it would get nothing. */
  readonly upstream: UpstreamView | null
  /** Of a static route; null where no file would be looked for. */
  readonly file: FileView | null
  /** Headers that the answer gets, whoever gives it: CORS. Those of the rate limit are counted, and so not told. */
  readonly answerHeaders: readonly HeaderLine[]
  readonly limits: LimitsView | null
  readonly cache: CacheView
  /** What else whoever reads this should know. */
  readonly notes: readonly string[]
}

export type HeaderLine = readonly [name: string, value: string]

export interface RequestView {
  readonly method: string
  /** As received, without a ticket. */
  readonly target: string
  readonly host: string | null
  /** The client's. */
  readonly address: string
  readonly websocket: boolean
  /** A person is looking at the answer: refusals are a redirect or a page. */
  readonly navigation: boolean
}

export type CredentialName = CredentialKind | 'ticket'

export interface CredentialView {
  /** What decides, by where it stands; null: there is none. */
  readonly kind: CredentialName | null
  readonly verdict:
    /** The route, or a refusal before it, makes nobody look. */
    | 'not_read'
    /** There is none. */
    | 'absent'
    | 'accepted'
    | 'rejected'
  /** Why it was rejected, or not looked at. */
  readonly reason: string | null
  readonly caller: CallerView | null
  /** Credentials that were there too. */
  readonly ignored: readonly { readonly kind: CredentialName; readonly reason: string }[]
}

/** Who was recognised. */
export interface CallerView {
  readonly userId: string
  /** Made up for the question; nobody proved anything. */
  readonly madeUp: boolean
  readonly email: string | null
  readonly emailVerified: boolean
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly banned: boolean
  readonly sessionId: string | null
  /** Since the sign-in, milliseconds; null without a session. */
  readonly sessionAgeMs: number | null
  readonly organization: { readonly id: string; readonly role: string } | null
  readonly impersonatedBy: string | null
}

export type DecisionKind = 'forward' | 'static' | 'endpoint' | 'preflight' | 'refuse'

export interface Decision {
  readonly kind: DecisionKind
  /** Of the refusal. */
  readonly code: Code | null
  /** Of the answer; null where FastAPI or an endpoint of ours gives it. */
  readonly status: number | null
  readonly action: 'none' | 'login' | 'refresh' | 'retry' | null
  readonly detail: string | null
  /** Where a person is sent to sign in, as the answer says it. */
  readonly login: string | null
  /** The answer of the gateway, whole; null where it gives none. */
  readonly answer: AnswerView | null
  /** What a route that only observes would have refused with; null: nothing, or it enforces. */
  readonly observed: { readonly code: Code; readonly detail: string } | null
  /** A refused handshake of a browser is accepted and closed at once; null: it gets the answer. */
  readonly close: { readonly code: number; readonly reason: string } | null
}

export interface AnswerView {
  readonly status: number
  readonly headers: readonly HeaderLine[]
  readonly body: string
}

export interface UpstreamView {
  readonly name: string
  readonly balance: string
  /** One of them is asked: with the path, byte for byte. */
  readonly urls: readonly string[]
  /** As FastAPI gets the path, with its query. */
  readonly target: string
  readonly headers: readonly HeaderLine[]
  /** What is in `authorization`, where that is a token; times are told from now. */
  readonly token: TokenView | null
  readonly timeout: {
    readonly connectMs: number
    readonly firstByteMs: number
    readonly idleMs: number
    readonly streamIdleMs: number
  }
  readonly retries: number
  readonly breaker: boolean
  readonly maxInFlight: number
  readonly websocket: { readonly maxMessageBytes: number; readonly idleMs: number } | null
}

export interface TokenView {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

export interface FileView {
  /** Below the folder; null: there is none. */
  readonly file: string | null
  readonly dir: string
  /** It is the page of the single-page application, in the place of a file. */
  readonly fallback: boolean
}

export interface LimitsView {
  readonly bodyBytes: number
  readonly rate: RateView | null
}

export interface RateView {
  readonly bucket: string
  readonly requests: number
  readonly perMs: number
  readonly by: 'user' | 'ip'
  /** Under which the request is counted; null: it does not come so far. */
  readonly key: string | null
}

export interface CacheView {
  /** How long the caller is believed without being asked after, milliseconds; null: there is nothing to remember. */
  readonly callerMs: number | null
  /** For how long the next request gets the same token, milliseconds; null: there is none of ours. */
  readonly assertionMs: number | null
  /** The sliding refresh of the session is due: this request would extend it. */
  readonly slides: boolean
}
