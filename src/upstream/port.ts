import type { SecureContext, SecureContextOptions } from 'node:tls'
import type { UpstreamConfig } from '../config/types.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { Connections } from './http1/port.ts'

/** One FastAPI, or several that do the same: what forwarding sees of it. */
export interface Upstream {
  readonly config: UpstreamConfig
  /**
   * Takes a slot and chooses a target. Refusals: `overloaded` when every slot is taken, `upstream_unavailable` while the breaker
   * is open.
   * @param failed targets that have just failed this request; another one is chosen where there is one
   */
  acquire(failed?: readonly Target[]): Lease | Refusal
  /** How it fares now. */
  status(): UpstreamStatus
  /** Lets what is under way end, then closes every connection. */
  close(): Promise<void>
  /** Cuts what is under way. */
  destroy(): void
}

/** How an upstream fares, for people. */
export interface UpstreamStatus {
  readonly name: string
  readonly inFlight: number
  readonly maxInFlight: number
  /** null: it has none. */
  readonly breaker: 'closed' | 'open' | 'half-open' | null
  readonly targets: readonly {
    readonly origin: string
    /** `ejected`: left out for a while, because requests to it failed. */
    readonly state: 'sound' | 'ejected' | 'unhealthy'
    readonly inFlight: number
    /** Health checks ask after it. */
    readonly isChecked: boolean
  }[]
}

/** One address of an upstream. */
export interface Target {
  /** `URL.origin`. */
  readonly origin: string
  readonly connections: Connections
  /** What a connection of one's own (a WebSocket) must be opened with; null for plain http. */
  readonly tls: TargetTls | null
}

export interface TargetTls extends SecureContextOptions {
  readonly servername?: string
  /** The same certificates, parsed once. */
  readonly secureContext: SecureContext
}

/** A slot at a target, for one exchange. Each method may be called more than once; only the first call counts. */
export interface Lease {
  readonly target: Target
  /** The head of an answer has arrived. */
  answered(): void
  /** There was no answer: the connection failed, the time ran out, or it was no HTTP. A client that left is not a failure. */
  failed(error: Error): void
  /** The exchange is over, however it ended, or has become a stream. */
  release(): void
}
