import type { Code } from '../../errors/catalogue.ts'

export type Presented = 'cookie' | 'authorization' | 'apiKey' | 'ticket'

/** What became of one request: said once, when it is over. Holds no query, no header and no credential. */
export interface AccessRecord {
  readonly requestId: string
  /** Of the distributed trace that it is a part of; null: traces are off. */
  readonly traceId: string | null
  /** Wall clock at which its head had arrived, milliseconds. */
  readonly atMs: number
  readonly kind: 'http' | 'event-stream' | 'websocket'
  /** Empty where the bytes that came were no request. */
  readonly method: string
  /** Of the target, as received but for what may be a secret (`toLoggedPath`); at most 1,024 characters. */
  readonly path: string
  /** The client's address, as limits see it; empty where it is not known. */
  readonly address: string
  /** `Host` as received, at most 255 characters; null: there was none. */
  readonly host: string | null
  /** Which kinds of credentials came along, whatever they are worth. */
  readonly presented: readonly Presented[]
  /** Name of the route, or null: none was chosen. Endpoints of ours have none. */
  readonly route: string | null
  /**
   * Where it went. `refused` is what we answered in FastAPI's place, for whatever reason; `left`: the client went before it was decided; `verify`: another proxy asked
   * about it, and method, path, route and user are of the request that it asked about.
   */
  readonly decision:
    'forwarded' | 'static' | 'endpoint' | 'preflight' | 'verify' | 'refused' | 'left'
  /** Of the refusal; null where there was none. A stream that was ended has the reason here. */
  readonly code: Code | null
  /** What the route would have refused, were it enforced (`enforce: false`); null: nothing. */
  readonly observed: Code | null
  /** Of the answer; null: the client left before there was one. */
  readonly status: number | null
  /** The answer had begun and could not be finished. */
  readonly cut: boolean
  readonly userId: string | null
  /** What decided about the caller; null: nothing did. */
  readonly credential: 'session' | 'bearer' | 'apiKey' | 'ticket' | null
  /** From the head of the request to the end of the answer, milliseconds. */
  readonly durationMs: number
  /** Of it, what the gateway took before the request was first sent to FastAPI, or before it was decided that it is not. */
  readonly admissionMs: number
  /** Of it, from the last sending to the head of FastAPI's answer; null: it was not asked, or gave none. */
  readonly upstreamMs: number | null
  /** Name of the upstream that was asked last. */
  readonly upstream: string | null
  /** `URL.origin` of the target that was asked last. */
  readonly target: string | null
}
