import type { BearerConfig, FrontLimits } from './config/types.ts'
import type { AnswerRules } from './errors/answer.ts'
import type { RoadDeps } from './pipeline.ts'
import type { HeaderRules } from './proxy/headers.ts'
import type { WebSocketProxy } from './proxy/websocket/port.ts'
import type { Upstream } from './upstream/port.ts'

/**
 * Everything that one configuration decides about a request. A request takes the current one when it arrives and keeps it to its
 * end; a reload makes another and swaps the pointer.
 */
export interface Snapshot {
  readonly road: RoadDeps
  readonly answers: AnswerRules
  readonly headers: HeaderRules
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly webSockets: WebSocketProxy
  readonly limits: FrontLimits
  readonly bearer: BearerConfig
  /** HS256 with the first bearer secret. */
  readonly sign: (input: string) => string
  /** Whether a peer's `X-Forwarded-For` is believed; `hop` counts from our side. */
  readonly trusts: (address: string, hop: number) => boolean
}
