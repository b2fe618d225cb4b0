import type { TraceContext } from '../../proxy/headers/trace.ts'
import type { AccessRecord } from '../access/record.ts'
import type { Sendings } from './port.ts'

/** A span as OpenTelemetry has it, without what is the same for all of ours. */
export interface SpanDraft {
  readonly name: string
  readonly kind: 'server' | 'client'
  readonly id: string
  readonly parentId: string | null
  /** The parent is the caller's, in another process. */
  readonly isParentRemote: boolean
  /** Wall clock, milliseconds. */
  readonly startMs: number
  readonly endMs: number
  readonly isError: boolean
  readonly attributes: Readonly<Record<string, string | number>>
}

const methods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
])

/**
 * The spans of a request that is over, in the words of OpenTelemetry's semantic conventions for HTTP: one for the request, and one for
 * each time that it was sent to FastAPI. Made of the access record alone, which holds no query, header or credential; who is
 * calling is not in them.
 * @param scheme of `server.publicUrl`
 */
export function toSpans(
  record: AccessRecord,
  trace: TraceContext,
  sendings: Sendings,
  scheme: string,
): readonly SpanDraft[] {
  const method = methods.has(record.method) ? record.method : '_OTHER'
  const endMs = record.atMs + record.durationMs
  const server: SpanDraft = {
    name: record.route === null ? spanMethod(method) : `${spanMethod(method)} ${record.route}`,
    kind: 'server',
    id: trace.spanId,
    parentId: trace.parentId,
    isParentRemote: true,
    startMs: record.atMs,
    endMs,
    isError: failed(record),
    attributes: serverAttributes(record, method, scheme),
  }
  return [server, ...clientSpans(record, trace, sendings, method)]
}

function clientSpans(
  record: AccessRecord,
  trace: TraceContext,
  { failed, beganMs }: Sendings,
  method: string,
): readonly SpanDraft[] {
  const shared = {
    ...{ name: spanMethod(method), kind: 'client' as const },
    ...{ parentId: trace.spanId, isParentRemote: false },
  }
  const inVain = failed.map(({ spanId, target, code, ...times }, resends): SpanDraft => {
    const attributes = present({
      'http.request.method': method,
      'http.request.resend_count': resends === 0 ? null : resends,
      'error.type': code,
      ...addressAttributes(target),
      'sallyport.upstream': record.upstream,
    })
    const [startMs, endMs] = [record.atMs + times.beganMs, record.atMs + times.endedMs]
    return { ...shared, id: spanId, startMs, endMs, isError: true, attributes }
  })
  if (record.upstream === null || beganMs === null) return inVain
  const last: SpanDraft = {
    ...shared,
    id: trace.upstreamId,
    startMs: record.atMs + beganMs,
    endMs: record.atMs + record.durationMs,
    isError: upstreamError(record) !== null,
    attributes: clientAttributes(record, method, failed.length),
  }
  return [...inVain, last]
}

function spanMethod(method: string): string {
  return method === '_OTHER' ? 'HTTP' : method
}

function failed({ status, cut }: AccessRecord): boolean {
  return cut || (status !== null && status >= 500)
}

function serverAttributes(
  record: AccessRecord,
  method: string,
  scheme: string,
): SpanDraft['attributes'] {
  const { status, code, observed, credential } = record
  return present({
    'http.request.method': method,
    'url.scheme': scheme,
    'url.path': record.path,
    'http.route': record.route,
    'http.response.status_code': status,
    'error.type': failed(record) ? (code ?? (record.cut ? 'cut' : String(status))) : null,
    'client.address': record.address === '' ? null : record.address,
    ...addressAttributes(record.host === null ? null : `${scheme}://${record.host}`),
    'sallyport.kind': record.kind,
    'sallyport.decision': record.decision,
    'sallyport.code': code,
    'sallyport.observed': observed,
    'sallyport.credential': credential,
    'sallyport.request_id': record.requestId,
  })
}

function clientAttributes(
  record: AccessRecord,
  method: string,
  resends: number,
): SpanDraft['attributes'] {
  return present({
    'http.request.method': method,
    'http.request.resend_count': resends === 0 ? null : resends,
    'http.response.status_code': upstreamStatus(record),
    'error.type': upstreamError(record),
    ...addressAttributes(record.target),
    'sallyport.upstream': record.upstream,
  })
}

/** FastAPI's own status, where the client got it as it was. */
function upstreamStatus({ decision, upstreamMs, status }: AccessRecord): number | null {
  return decision === 'forwarded' && upstreamMs !== null ? status : null
}

function upstreamError(record: AccessRecord): string | null {
  const { code } = record
  if (code?.startsWith('upstream_') === true) return code
  const status = upstreamStatus(record)
  return status !== null && status >= 400 ? String(status) : null
}

function addressAttributes(
  origin: string | null,
): Readonly<Record<'server.address' | 'server.port', string | number | null>> {
  const url = origin === null ? null : URL.parse(origin)
  if (url === null) return { 'server.address': null, 'server.port': null }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { 'server.address': url.hostname, 'server.port': port }
}

function present(
  attributes: Readonly<Record<string, string | number | null>>,
): SpanDraft['attributes'] {
  const kept: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== null) kept[name] = value
  return kept
}
