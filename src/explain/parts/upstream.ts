import type { GatewayConfig } from '../../config/types.ts'
import { isRefusal } from '../../errors/refusal.ts'
import type { RequestHead } from '../../head.ts'
import type { Forwarded } from '../../pipeline.ts'
import { upstreamHeadersOf } from '../../proxy/headers/admitted.ts'
import type { HeaderRules } from '../../proxy/headers.ts'
import { hasBody } from '../../proxy/upload.ts'
import { toHandshakeHeaders } from '../../proxy/websocket/opening/headers.ts'
import { writeRequestHead } from '../../upstream/http1/message/request-head.ts'
import type { HeaderLine, UpstreamView } from '../explanation.ts'
import { offerOf, opensWebSocket } from './handshake.ts'
import { maskLine, readToken } from './mask.ts'

export interface UpstreamQuestion {
  readonly head: RequestHead
  readonly requestId: string
  readonly admission: Forwarded
  readonly config: GatewayConfig
  readonly rules: HeaderRules
  readonly nowMs: number
}

/** What FastAPI gets of an admitted request, or null for files. */
export function viewUpstream(question: UpstreamQuestion): UpstreamView | null {
  const { head, admission, config } = question
  const { route, target } = admission
  const { serve, websocket } = route
  const upstream = serve.kind === 'upstream' ? config.upstreams[serve.upstream] : undefined
  if (serve.kind !== 'upstream' || upstream === undefined) return null
  const headers = linesFor(question)
  const authorization = headers.find(([name]) => name === 'authorization')?.[1]
  return {
    name: upstream.name,
    balance: upstream.balance,
    urls: upstream.targets.map((origin) => origin + target.target),
    target: target.target,
    headers: headers.map(maskLine),
    token: readToken(authorization, question.nowMs),
    timeout: { connectMs: upstream.timeout.connectMs, ...serve.timeout },
    retries: mayRepeat(head) ? upstream.retry.attempts : 0,
    breaker: upstream.breaker !== null,
    maxInFlight: upstream.maxInFlight,
    websocket: opensWebSocket(head) ? websocket : null,
  }
}

/** As `src/proxy/forward.ts` has it: what has no body and may be done twice (RFC 9110 §9.2.2), and every handshake. */
function mayRepeat(head: RequestHead): boolean {
  const isIdempotent = head.method !== 'POST' && head.method !== 'PATCH'
  return opensWebSocket(head) || (isIdempotent && !hasBody(head.contentLength, head.chunked))
}

/** The lines that are written to FastAPI, by the functions that write them. */
function linesFor(question: UpstreamQuestion): readonly HeaderLine[] {
  const { head, admission, rules } = question
  const headers = upstreamHeadersOf(question, rules)
  if (opensWebSocket(head)) return handshakeLines(headers, head)
  const isSent = hasBody(head.contentLength, head.chunked)
  const body = isSent ? { chunked: head.chunked, sendTo, resume: sendTo, stop: sendTo } : null
  const { target } = admission.target
  const request = { method: head.method, path: target, headers, body, firstByteMs: 0, idleMs: 0 }
  const [, ...lines] = (writeRequestHead(request, false) ?? '').split('\r\n')
  return lines.filter((line) => line !== '').map(toLine)
}

/** Nothing is sent. */
const sendTo = (): void => undefined

function toLine(line: string): HeaderLine {
  const colon = line.indexOf(': ')
  return [line.slice(0, colon), line.slice(colon + 2)]
}

/** A handshake is written by `ws`, which adds its own. */
function handshakeLines(headers: readonly string[], head: RequestHead): HeaderLine[] {
  const offer = offerOf(head)
  const written = toHandshakeHeaders(headers, isRefusal(offer) ? [] : offer.protocols)
  return [
    ...Object.entries(written).flatMap(([name, value]) =>
      [value].flat().map((each): HeaderLine => [name, each]),
    ),
    ['sec-websocket-version', '13'],
    ['sec-websocket-key', 'new each time'],
    ['connection', 'Upgrade'],
    ['upgrade', 'websocket'],
  ]
}

/** Flat name-value pairs as lines. */
export function pairsOf(flat: readonly string[]): HeaderLine[] {
  const lines: HeaderLine[] = []
  for (let index = 0; index < flat.length; index += 2) {
    lines.push([flat[index] ?? '', flat[index + 1] ?? ''])
  }
  return lines
}
