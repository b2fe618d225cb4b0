/** What the console answers with, as far as the page uses it. Every text in it may have been chosen by somebody hostile. */

export type Percentiles = readonly [number, number, number]

export interface Step {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly requests: readonly number[]
  readonly refusals: Readonly<Record<string, number>>
  readonly added: Percentiles | null
  readonly upstream: Percentiles | null
}

export interface Refusal {
  readonly number: number
  readonly requestId: string
  readonly atMs: number
  readonly kind: string
  readonly method: string
  readonly path: string
  readonly address: string
  readonly host: string | null
  readonly presented: readonly string[]
  readonly route: string | null
  readonly code: string | null
  readonly status: number | null
  readonly userId: string | null
  readonly credential: string | null
  readonly durationMs: number
  readonly admissionMs: number
  readonly upstreamMs: number | null
  readonly upstream: string | null
  readonly target: string | null
  readonly configuration: string
}

export interface Upstream {
  readonly name: string
  readonly inFlight: number
  readonly maxInFlight: number
  readonly breaker: 'closed' | 'open' | 'half-open' | null
  readonly targets: readonly {
    readonly origin: string
    readonly state: 'sound' | 'ejected' | 'unhealthy'
    readonly inFlight: number
    readonly isChecked: boolean
  }[]
}

export interface Connection {
  readonly kind: 'websocket' | 'event-stream'
  readonly client: string
  readonly userId: string | null
  readonly sessionId: string | null
  readonly route: string | null
  readonly isByKey: boolean
  readonly openedAtMs: number
  readonly expiresAtMs: number | null
}

export interface Live {
  readonly total: number
  readonly users: number
  readonly shown: readonly Connection[]
}

export interface Reload {
  readonly at: number
  readonly applied: boolean
  readonly reason: string | null
}

export interface RouteTraffic {
  readonly route: string
  readonly requests: number
  readonly refused: number
}

export interface Pulse {
  readonly at: number
  readonly phase: string
  readonly isShared: boolean
  /** Its hash. */
  readonly configuration: string
  readonly lastReload: Reload | null
  readonly upstreams: readonly Upstream[]
  readonly live: Live
  readonly routes: readonly RouteTraffic[]
  readonly steps: readonly Step[]
  readonly refusalCount: number
  readonly refusals: readonly Refusal[]
}

export interface Rights {
  readonly way: 'token' | 'cookie' | 'local'
  readonly mayAct: boolean
  readonly isTokenConfigured: boolean
}

export interface State extends Pulse {
  readonly publicUrl: string
  readonly startedAt: number
  readonly stepMs: number
  readonly canRevoke: boolean
  readonly rights: Rights
}

export interface RouteRow {
  readonly host: string
  readonly path: string
  readonly methods: string
  readonly auth: string
  readonly to: string
  readonly name: string
}

export interface Configuration {
  readonly hash: string
  readonly lastReload: Reload | null
  readonly routes: readonly RouteRow[]
  readonly yaml: string
}

export interface Candidate {
  readonly kind: string
  readonly name: string
  readonly pattern: string
  readonly methods: readonly string[]
  readonly hosts: readonly string[] | null
}

export interface Explanation {
  readonly refusal: Refusal
  readonly why: { readonly title: string; readonly detail: string; readonly action: string } | null
  readonly isSameConfiguration: boolean
  readonly route: {
    readonly chosen: Candidate | null
    readonly refusal: { readonly code: string; readonly detail: string } | null
    readonly runnersUp: readonly (Candidate & { readonly reason: string })[]
  } | null
}

/** What came of a question. */
export type Answer<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly detail: string }

/** One line or one colour of a chart. */
export interface Series {
  readonly label: string
  /** Of the colour, as the style names it. */
  readonly colour: string
}

export interface Point {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** One for each series; null: nothing was measured. */
  readonly values: readonly (number | null)[]
}

export interface ChartOptions {
  readonly title: string
  readonly note: string
  readonly kind: 'stack' | 'lines'
  /** A value with its unit. */
  readonly format: (value: number) => string
}

/** What a chart shows now. */
export interface ChartData {
  readonly from: number
  readonly to: number
  readonly stepMs: number
  readonly series: readonly Series[]
  readonly points: readonly Point[]
}

/** What is to be ended, and what is known of it. */
export interface Target {
  readonly user?: string
  readonly session?: string
  /** The user of the session, for people to know. */
  readonly of?: string | null
  readonly open: number
}
