export interface UpstreamConfig {
  readonly name: string
  /** Origins only: `http://127.0.0.1:8000`. Never empty; all of one scheme. */
  readonly targets: readonly string[]
  readonly balance: 'round-robin' | 'least-pending'
  /** null: targets are only judged by how requests to them fare. */
  readonly health: HealthConfig | null
  readonly timeout: UpstreamTimeouts
  /** How often a body-less idempotent request whose connection failed is tried again, on another target if there is one. */
  readonly retry: { readonly attempts: number }
  /** null: never stop calling. */
  readonly breaker: BreakerConfig | null
  /** Requests under way at once; one more is a 503. Streams do not count once they have begun. */
  readonly maxInFlight: number
  /** `forward`: it is Better Auth's own application. It gets the verified session cookie, and the cookies that it sets reach the browser. Only with `auth.remote`. */
  readonly sessionCookie: 'strip' | 'forward'
  /** Only for https targets. */
  readonly tls: UpstreamTlsConfig | null
}

export interface UpstreamTimeouts {
  /** To open a connection, TLS included. */
  readonly connectMs: number
  /** From the request to the first byte of the answer. */
  readonly firstByteMs: number
  /** Between two pieces of an answer that is no event stream. */
  readonly idleMs: number
  /** Between two pieces of an event stream; 0: never. */
  readonly streamIdleMs: number
}

export interface HealthConfig {
  /** Canonical path; any 2xx or 3xx is healthy. */
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Failures in a row until a target gets no more requests, and successes in a row until it does again. */
  readonly unhealthyAfter: number
  readonly healthyAfter: number
}

/** Failures are connections that fail, time-outs and answers that are no HTTP; a 5xx of FastAPI is an answer. */
export interface BreakerConfig {
  /** Share of failures, 0 to 1, at which the breaker opens. */
  readonly errors: number
  readonly windowMs: number
  /** Requests in the window below which it never opens. */
  readonly minimum: number
  /** How long it stays open until one request may try. */
  readonly openMs: number
}

export interface UpstreamTlsConfig {
  /** Absolute path of a PEM file with the CAs to believe instead of the system's, or null. */
  readonly caFile: string | null
  /** Client certificate and key, absolute paths of PEM files, or null. */
  readonly clientCert: { readonly certFile: string; readonly keyFile: string } | null
  /** The name that the certificate must have; null: the target's host. */
  readonly serverName: string | null
}
