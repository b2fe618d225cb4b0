import type { Code } from '../../errors/catalogue.ts'
import type { TraceContext } from '../../proxy/headers/trace.ts'
import type { AccessRecord } from '../access/record.ts'

/** A request that was sent to a target, of which nothing can have arrived there. Times are from the arrival of its head, milliseconds. */
export interface FailedSending {
  readonly spanId: string
  /** `URL.origin` */
  readonly target: string | null
  readonly beganMs: number
  readonly endedMs: number
  readonly code: Code
}

/** How a request was sent to FastAPI. */
export interface Sendings {
  /** Those that were followed by another try, oldest first. */
  readonly failed: readonly FailedSending[]
  /** When the last one began that is not among these; null: there was none. */
  readonly beganMs: number | null
}

/** Gives requests their place in a trace, and tells a collector of them when they are over. */
export interface Tracer {
  /**
   * @param rawHeaders of the request, flat
   * @param isTrusted whether the peer is one of `server.trustedProxies`: only they decide what is sampled
   */
  begin(rawHeaders: readonly string[], isTrusted: boolean): TraceContext
  /** The same place for another sending to FastAPI, which is a span of its own. */
  again(trace: TraceContext): TraceContext
  /** Costs nothing where the trace is not sampled. */
  end(record: AccessRecord, trace: TraceContext, sendings: Sendings): void
  /** Sends what is left; resolves when that is done, or has taken too long. Safe to call twice. */
  close(): Promise<void>
  /** Spans so far, by what became of them. */
  readonly counts: Readonly<Record<'exported' | 'dropped' | 'failed', number>>
}
