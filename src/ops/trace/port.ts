import type { TraceContext } from '../../proxy/headers/trace.ts'
import type { AccessRecord } from '../access/record.ts'

/** Gives requests their place in a trace, and tells a collector of them when they are over. */
export interface Tracer {
  /**
   * @param rawHeaders of the request, flat
   * @param isTrusted whether the peer is one of `server.trustedProxies`: only they decide what is sampled
   */
  begin(rawHeaders: readonly string[], isTrusted: boolean): TraceContext
  /** Costs nothing where the trace is not sampled. */
  end(record: AccessRecord, trace: TraceContext): void
  /** Sends what is left; resolves when that is done, or has taken too long. Safe to call twice. */
  close(): Promise<void>
  /** Spans so far, by what became of them. */
  readonly counts: Readonly<Record<'exported' | 'dropped' | 'failed', number>>
}
