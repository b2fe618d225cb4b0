import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { Forwarded } from '../pipeline.ts'
import { Exchange, type ExchangeEvents } from './exchange.ts'
import { toRefusal } from './failure.ts'
import { toClientHeaders, toUpstreamHeaders, type HeaderRules } from './headers.ts'
import { UploadBody, hasBody } from './upload.ts'
import type { Upstream } from './upstream.ts'

export interface ForwardDeps {
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly headers: HeaderRules
  readonly log: FastifyBaseLogger
  /** Answers in our words; called only while nothing has been written. */
  readonly refuse: (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => void
}

/**
 * Sends an admitted request to its upstream and the answer back. The reply is written to Node's response directly; on
 * failure, while nothing has been written, it is handed back for a problem body.
 */
export function createForward(
  deps: ForwardDeps,
): (request: FastifyRequest, reply: FastifyReply, head: RequestHead, admission: Forwarded) => void {
  return (request, reply, head, admission) => {
    const upstream = deps.upstreams.get(admission.route.upstream)
    if (upstream === undefined) throw new Error(`no upstream ${admission.route.upstream}`)
    const events = createEvents(request, reply, admission, deps)
    const exchange = new Exchange(reply.raw, events, upstream.config.timeout.idleMs)
    reply.hijack()
    upstream.pool.dispatch(
      {
        path: admission.target,
        method: head.method,
        headers: toUpstreamHeaders(
          head.rawHeaders,
          contextOf(request, head, admission),
          deps.headers,
        ),
        body: bodyOf(request.raw, reply.raw, head, admission),
      },
      exchange,
    )
  }
}

function contextOf(
  request: FastifyRequest,
  head: RequestHead,
  admission: Forwarded,
): Parameters<typeof toUpstreamHeaders>[1] {
  return {
    assertion: admission.assertion,
    forwardAuthorization: admission.route.auth.forwardAuthorization,
    host: head.host ?? '',
    forwardedFor: request.ip,
    requestId: request.id,
    connection: head.connection,
  }
}

function bodyOf(
  request: IncomingMessage,
  reply: ServerResponse,
  head: RequestHead,
  admission: Forwarded,
): UploadBody | null {
  if (!hasBody(head.contentLength, head.chunked)) return null
  return new UploadBody(request, reply, admission.route.bodyLimitBytes)
}

function createEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  admission: Forwarded,
  deps: ForwardDeps,
): ExchangeEvents {
  const { route, setCookies } = admission
  const giveBack = (refusal: Refusal): void => {
    deps.refuse(request, reply, refusal)
  }
  return {
    headersFor: (status, upstreamHeaders) =>
      status === 401 && explains401(admission)
        ? null
        : toClientHeaders(upstreamHeaders, { requestId: request.id, setCookies }, deps.headers),
    onTakenOver: (_status, body) => {
      const hint =
        'FastAPI refused a caller that the gateway had authenticated: compare JWT_SECRET on both sides, the clocks, and how FastAPI looks its users up'
      if (admission.principal !== null)
        deps.log.warn({ requestId: request.id, route: route.name }, hint)
      giveBack(explain401(admission, body))
    },
    onFailed: (error) => {
      const refusal = toRefusal(error)
      const isClients = refusal.code === 'body_too_large' || refusal.code === 'request_malformed'
      if (!isClients) {
        deps.log.warn({ requestId: request.id, route: route.name, err: error }, refusal.code)
      }
      giveBack(refusal)
    },
    onCut: (error) => {
      deps.log.warn({ requestId: request.id, route: route.name, err: error }, 'answer cut short')
    },
  }
}

/** DESIGN §5: on `none` FastAPI speaks for itself, and a route may ask for that. */
function explains401({ route }: Forwarded): boolean {
  return route.auth.mode !== 'none' && route.upstream401 === 'explain'
}

/** FastAPI's own 401 in our words, so that it never starts a refresh loop; its `detail` is kept where it is a string. */
function explain401(admission: Forwarded, body: Buffer): Refusal {
  const detail = readDetail(body)
  const more = detail === null ? {} : { detail }
  if (admission.principal === null) return refuse('credential_missing', more)
  return refuse('upstream_unauthorized', { ...more, tokenPresented: true })
}

function readDetail(body: Buffer): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    const detail =
      typeof parsed === 'object' && parsed !== null && 'detail' in parsed ? parsed.detail : null
    return typeof detail === 'string' && detail !== '' ? detail.slice(0, 1000) : null
  } catch {
    return null
  }
}
