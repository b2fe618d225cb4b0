import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { UpstreamService } from '../config/types.ts'
import { toStreamProblem, type AnswerRules } from '../errors/answer.ts'
import { sendRawRefusal } from '../errors/handler.ts'
import { isRefusal, withHeaders, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import { listStream } from '../live/observed.ts'
import { ownerOf } from '../live/owner.ts'
import type { LiveConnection, LiveConnections } from '../live/port.ts'
import type { Journey } from '../ops/access/journey.ts'
import type { Forwarded } from '../pipeline.ts'
import type { Turn } from '../upstream/http1/turn.ts'
import type { Lease, Target, Upstream } from '../upstream/port.ts'
import { toLastEvent } from './events/stream.ts'
import { Exchange, type EndStream, type ExchangeEvents } from './exchange.ts'
import { isClients, neverSent, toRefusal } from './failure.ts'
import { clientHeadersOf, upstreamHeadersOf } from './headers/admitted.ts'
import { hearApplication } from './headers/application.ts'
import type { HeaderRules } from './headers.ts'
import { explain401, explains401, hint401 } from './unauthorized.ts'
import { Upload, hasBody } from './upload.ts'

export interface ForwardDeps {
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly headers: HeaderRules
  readonly answers: AnswerRules
  readonly live: LiveConnections
  readonly turn: Turn
  readonly log: FastifyBaseLogger
}

/** An admitted request with the response that is Node's own: nothing else writes to it. */
export interface ForwardRequest {
  readonly raw: IncomingMessage
  readonly reply: ServerResponse
  readonly head: RequestHead
  readonly admission: Forwarded
  readonly requestId: string
  /** The client's address, as `FrontLimits` counts it. */
  readonly client: string
  /** Among the requests of that client that are under way, which streams are not. */
  readonly place: { leave(): void } | null
  readonly journey: Journey
}

/** RFC 9110 §9.2.2, among the methods that we let through. */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])

/**
 * Sends an admitted request to its upstream and the answer back. A request without a body that may be repeated is sent again, to
 * another target where there is one, if its connection failed before a byte of it was sent. A client that has left while it was
 * found out who it is gets nothing sent.
 */
export function forward(request: ForwardRequest, deps: ForwardDeps): void {
  if (request.reply.destroyed) return
  const { serve } = request.admission.route
  if (serve.kind !== 'upstream') throw new Error('only routes with an upstream are forwarded')
  const upstream = deps.upstreams.get(serve.upstream)
  if (upstream === undefined) throw new Error(`no upstream ${serve.upstream}`)
  attempt(request, deps, serve, upstream, noTargets)
}

const noTargets: readonly Target[] = []

/** @param failed targets that this request could not reach */
function attempt(
  request: ForwardRequest,
  deps: ForwardDeps,
  service: UpstreamService,
  upstream: Upstream,
  failed: readonly Target[],
): void {
  const { raw, reply, head, admission } = request
  const headers = upstreamHeadersOf(request, deps.headers)
  const lease = upstream.acquire(failed)
  if (isRefusal(lease)) {
    answer(request, deps, lease)
    return
  }
  const body = hasBody(head.contentLength, head.chunked)
    ? new Upload(raw, reply, { chunked: head.chunked, limit: admission.route.bodyLimitBytes })
    : null
  const mayRepeat =
    body === null && idempotent.has(head.method) && failed.length < upstream.config.retry.attempts
  const again = mayRepeat
    ? (): void => {
        attempt(request, deps, service, upstream, [...failed, lease.target])
      }
    : null
  const { firstByteMs, idleMs } = service.timeout
  const events = new Attempt(request, deps, lease, again)
  request.journey.sent(upstream.config.name, lease.target.origin)
  const exchange = new Exchange(reply, events, service.timeout, deps.turn)
  exchange.begin(
    lease.target.connections.send(
      { method: head.method, path: admission.target.target, headers, body, firstByteMs, idleMs },
      exchange,
    ),
  )
}

/** Answers in our words; nothing has been written yet. */
function answer(request: ForwardRequest, deps: ForwardDeps, refusal: Refusal): void {
  const { raw, reply, requestId, admission, journey } = request
  journey.refused(refusal.code)
  const worded = withHeaders(refusal, admission.answerHeaders)
  sendRawRefusal(raw, reply, worded, requestId, deps.answers)
}

/** What becomes of one request at one target. */
class Attempt implements ExchangeEvents {
  readonly #request: ForwardRequest
  readonly #deps: ForwardDeps
  readonly #lease: Lease
  /** Tries another target, or the same one again; null where a request may be sent only once. */
  readonly #again: (() => void) | null
  #unlist: (() => void) | null = null

  constructor(
    request: ForwardRequest,
    deps: ForwardDeps,
    lease: Lease,
    again: (() => void) | null,
  ) {
    this.#request = request
    this.#deps = deps
    this.#lease = lease
    this.#again = again
  }

  headersFor(status: number, upstreamHeaders: readonly string[]): readonly string[] | null {
    this.#lease.answered()
    this.#request.journey.answered()
    hearApplication(upstreamHeaders, this.#request, this.#deps.headers)
    if (status === 401 && explains401(this.#request.admission)) return null
    return clientHeadersOf(status, upstreamHeaders, this.#request, this.#deps.headers)
  }

  onTakenOver(body: Buffer): void {
    const { admission, requestId } = this.#request
    const { route, principal } = admission
    if (principal !== null) this.#deps.log.warn({ requestId, route: route.name }, hint401)
    answer(this.#request, this.#deps, explain401(admission, body))
  }

  onStream(end: EndStream): boolean {
    const { client, place, head, requestId, admission, journey } = this.#request
    const connection: LiveConnection = {
      kind: 'event-stream',
      route: admission.route.name,
      client,
      ...ownerOf(admission),
      end: (reason) => {
        journey.endedFor(reason.code)
        end(toLastEvent(toStreamProblem(reason, head, requestId, this.#deps.answers)))
      },
    }
    const added = listStream(this.#deps.live, connection, admission.route, ({ code }) => {
      journey.observes(code)
    })
    if (isRefusal(added)) {
      answer(this.#request, this.#deps, added)
      return false
    }
    this.#unlist = added
    this.#lease.release()
    place?.leave()
    journey.becomes('event-stream')
    return true
  }

  onFailed(error: Error): void {
    const refusal = toRefusal(error)
    if (!isClients(refusal)) {
      this.#lease.failed(error)
      this.#log(error, refusal.code)
    }
    this.#lease.release()
    if (this.#again !== null && neverSent(error)) {
      this.#request.journey.resends(refusal.code)
      this.#again()
    } else answer(this.#request, this.#deps, refusal)
  }

  onCut(error: Error): void {
    this.#request.journey.endedFor(toRefusal(error).code)
    this.#log(error, 'answer cut short')
  }

  onDone(): void {
    this.#unlist?.()
    this.#lease.release()
  }

  #log(error: Error, message: string): void {
    const { requestId, admission } = this.#request
    this.#deps.log.warn({ requestId, route: admission.route.name, err: error }, message)
  }
}
