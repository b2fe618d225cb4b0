import type { AccessLogConfig } from '../../config/types.ts'
import type { AccessListener } from './hub.ts'
import type { AccessRecord } from './record.ts'

/** Where the lines of the access log go: a logger of pino's, or whatever takes whole lines, which costs a sixth. */
export type AccessWriter =
  | {
      readonly info: (line: object, message: string) => void
      readonly isLevelEnabled?: (level: string) => boolean
    }
  | { readonly write: (line: string) => void }

const message = 'request'
/** pino's number for `info`. */
const level = 30

/**
 * Writes a line for every request that is over (docs/observability.md has its fields).
 * @param config what is in force now, so that a reload changes it; null: nothing is written
 */
export function accessLog(
  writer: AccessWriter,
  config: () => AccessLogConfig | null,
): AccessListener {
  return (record) => {
    // A line that nobody will see costs as much to make as any.
    if ('info' in writer && writer.isLevelEnabled?.('info') === false) return
    const now = config()
    if (now === null || (now.except.length > 0 && isLeftOut(record, now))) return
    if ('write' in writer) writer.write(toText(record))
    else writer.info(toLine(record), message)
  }
}

/** What goes wrong on a route that nobody wants to read about is still worth a line. */
function isLeftOut(record: AccessRecord, { except }: AccessLogConfig): boolean {
  const { route, status, code, cut } = record
  if (route === null || !except.includes(route)) return false
  return code === null && !cut && status !== null && status < 500
}

/** A line as pino would write it. */
function toText(record: AccessRecord): string {
  return `${JSON.stringify({ level, time: Date.now(), ...toLine(record), msg: message })}\n`
}

/** The fields of a line, in their order. */
export function toLine(record: AccessRecord): object {
  return {
    requestId: record.requestId,
    ...(record.traceId === null ? {} : { traceId: record.traceId }),
    kind: record.kind,
    method: record.method,
    path: record.path,
    status: record.status,
    decision: record.decision,
    route: record.route,
    code: record.code,
    observed: record.observed,
    userId: record.userId,
    credential: record.credential,
    address: record.address,
    durationMs: rounded(record.durationMs),
    admissionMs: rounded(record.admissionMs),
    upstreamMs: record.upstreamMs === null ? null : rounded(record.upstreamMs),
    upstream: record.upstream,
    target: record.target,
    cut: record.cut,
  }
}

/** To a microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
