import type { ServerResponse } from 'node:http'
import type { Principal } from '../../authn/principal.ts'
import type { Witness } from '../../authz/witness.ts'
import type { Clock } from '../../clock.ts'
import type { RouteConfig } from '../../config/types.ts'
import type { Code } from '../../errors/catalogue.ts'
import type { RequestHead } from '../../head.ts'
import type { TraceContext } from '../../proxy/headers/trace.ts'
import type { Admission } from '../../pipeline.ts'
import type { FailedSending, Tracer } from '../trace/port.ts'
import type { AccessHub } from './hub.ts'
import { toLoggedPath } from './path.ts'
import { nothing, presentedIn } from './presented.ts'
import type { AccessRecord, Presented } from './record.ts'

/** What journeys have in common. */
export interface JourneyDeps {
  readonly hub: Pick<AccessHub, 'record'>
  readonly clock: Clock
  /** Below it paths hold secrets. */
  readonly authPath: string
  /** null: traces are off. */
  readonly tracer: Tracer | null
}

/**
 * What is noted of one request while it is under way, from its arrival to its end. Exactly one record comes of it, at `end`; what is said later changes nothing.
 *
 * Every request makes one: nothing here allocates but the record, and the clock is asked four times. It must not hold the request: that of a WebSocket lives for as long as
 * its connection.
 */
export class Journey implements Witness {
  readonly requestId: string
  /** null: traces are off, or nothing is known of the request yet. */
  trace: TraceContext | null = null
  readonly #deps: JourneyDeps
  #method: string
  #target: string
  #kind: AccessRecord['kind'] = 'http'
  #address = ''
  #host: string | null = null
  #presented: readonly Presented[] = nothing
  #route: string | null = null
  #decision: AccessRecord['decision'] = 'left'
  #code: Code | null = null
  #observed: Code | null = null
  #status: number | null = null
  #userId: string | null = null
  #credential: AccessRecord['credential'] = null
  readonly #atMs: number
  /** Monotonic, as all that follow; 0: not yet. */
  readonly #arrivedMs: number
  #decidedMs = 0
  #sentMs = 0
  #answeredMs = 0
  #upstream: string | null = null
  #upstreamTarget: string | null = null
  /** Sendings that reached nobody, where there are traces. */
  #failed: readonly FailedSending[] = neverFailed
  #isCut = false
  #isOver = false

  /** @param target as received; an empty method where there is no request */
  constructor(deps: JourneyDeps, requestId: string, method: string, target: string) {
    this.#deps = deps
    this.requestId = requestId
    this.#method = method
    this.#target = target
    this.#atMs = deps.clock.now()
    this.#arrivedMs = deps.clock.monotonic()
  }

  /** The client's address, where there is no head to read. */
  from(address: string): void {
    this.#address = address
  }

  /** Its place in a trace. @param isTrusted whether the peer is one of `server.trustedProxies` */
  joins(rawHeaders: readonly string[], isTrusted: () => boolean): void {
    const { tracer } = this.#deps
    if (tracer !== null) this.trace = tracer.begin(rawHeaders, isTrusted())
  }

  /** It is the question of another proxy. */
  asks(): void {
    this.#decision = 'verify'
  }

  /** What came, or what a proxy asks about: from now on this is about that request. */
  came(head: RequestHead): void {
    this.#method = head.method
    this.#target = head.target
    this.#address = head.address
    this.#host = head.host
    this.#presented = presentedIn(head)
  }

  chose({ name }: RouteConfig): void {
    this.#route = name
  }

  knows(principal: Principal, { ticket }: RequestHead): void {
    this.#userId = principal.userId
    this.#credential = credentialOf(principal, ticket !== null)
  }

  /** It may go on. */
  admitted(admission: Admission): void {
    if (this.#decision !== 'verify') this.#decision = decisionOf(admission)
    if (admission.kind === 'forward') this.#observed = admission.observed?.code ?? null
    // What is forwarded is sent in the same turn, and is timed then.
    if (this.#decision !== 'forwarded') this.#decide()
  }

  /** What a route that only observes would have ended it for. */
  observes(code: Code): void {
    this.#observed ??= code
  }

  /** It was answered in our words. */
  refused(code: Code): void {
    if (this.#decision !== 'verify') this.#decision = 'refused'
    this.#code = code
    this.#decide()
  }

  /** It goes to a target of an upstream, perhaps not for the first time. */
  sent(upstream: string, target: string): void {
    this.#upstream = upstream
    this.#upstreamTarget = target
    this.#sentMs = this.#deps.clock.monotonic()
    if (this.#decidedMs === 0) this.#decidedMs = this.#sentMs
  }

  /** The last sending reached nobody, and another one follows, with a span of its own. To be said before that is written. */
  resends(code: Code): void {
    const { tracer, clock } = this.#deps
    if (tracer === null || this.trace === null) return
    const beganMs = this.#sentMs - this.#arrivedMs
    const endedMs = clock.monotonic() - this.#arrivedMs
    const spanId = this.trace.upstreamId
    const failed = { spanId, target: this.#upstreamTarget, beganMs, endedMs, code }
    this.#failed = [...this.#failed, failed]
    this.#sentMs = 0
    this.trace = tracer.again(this.trace)
  }

  /** The head of FastAPI's answer is here. */
  answered(): void {
    this.#answeredMs = this.#deps.clock.monotonic()
  }

  becomes(kind: AccessRecord['kind']): void {
    this.#kind = kind
  }

  /** What has begun is ended by us. */
  endedFor(code: Code): void {
    this.#code = code
  }

  /** An answer that is not Node's own begins. */
  begins(status: number): void {
    this.#status = status
  }

  /** What has begun cannot be finished. */
  cut(): void {
    this.#isCut = true
  }

  /** Ends with an answer of Node's, whatever becomes of that. */
  endWith(response: ServerResponse): void {
    response.on('close', () => {
      if (response.headersSent) {
        this.#status = response.statusCode
        if (!response.writableFinished) this.#isCut = true
      }
      this.end()
    })
  }

  /** It is over. Only the first call counts. */
  readonly end = (): void => {
    if (this.#isOver) return
    this.#isOver = true
    const record = this.#toRecord()
    this.#deps.hub.record(record)
    if (this.trace === null) return
    const beganMs = this.#sentMs === 0 ? null : this.#sentMs - this.#arrivedMs
    this.#deps.tracer?.end(record, this.trace, { failed: this.#failed, beganMs })
  }

  #decide(): void {
    if (this.#decidedMs === 0) this.#decidedMs = this.#deps.clock.monotonic()
  }

  #toRecord(): AccessRecord {
    const now = this.#deps.clock.monotonic()
    const decidedMs = this.#decidedMs === 0 ? now : this.#decidedMs
    return {
      requestId: this.requestId,
      traceId: this.trace?.traceId ?? null,
      atMs: this.#atMs,
      kind: this.#kind,
      method: this.#method,
      path: toLoggedPath(this.#target, this.#deps.authPath),
      address: this.#address,
      host: this.#host === null ? null : this.#host.slice(0, 255),
      presented: this.#presented,
      route: this.#route,
      decision: this.#decision,
      code: this.#code,
      observed: this.#observed,
      status: this.#status,
      cut: this.#isCut,
      userId: this.#userId,
      credential: this.#credential,
      durationMs: now - this.#arrivedMs,
      admissionMs: decidedMs - this.#arrivedMs,
      upstreamMs: this.#answeredMs === 0 ? null : this.#answeredMs - this.#sentMs,
      upstream: this.#upstream,
      target: this.#upstreamTarget,
    }
  }
}

const neverFailed: readonly FailedSending[] = []

function decisionOf(admission: Admission): AccessRecord['decision'] {
  switch (admission.kind) {
    case 'forward':
      return admission.route.serve.kind === 'static' ? 'static' : 'forwarded'
    case 'local':
      return 'endpoint'
    case 'preflight':
      return 'preflight'
  }
}

function credentialOf(principal: Principal, byTicket: boolean): AccessRecord['credential'] {
  if (byTicket) return 'ticket'
  return principal.kind === 'session' && principal.via === 'bearer' ? 'bearer' : principal.kind
}
