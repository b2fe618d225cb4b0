import { isTicket } from '../authn/ticket/reader.ts'
import type { GatewayConfig, RouteConfig } from '../config/types.ts'
import type { AnswerRules } from '../errors/answer.ts'
import { toRefusal } from '../errors/handler.ts'
import { isNavigation } from '../errors/navigation.ts'
import { isRefusal, refuse, withHeaders, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import { admit, type Admission, type Forwarded, type RoadDeps } from '../pipeline.ts'
import type { HeaderRules } from '../proxy/headers.ts'
import { findFile } from '../static/find.ts'
import type { Decision, Explanation, FileView, LimitsView } from './explanation.ts'
import { cacheOf } from './parts/cache.ts'
import { viewCredential } from './parts/credential.ts'
import { decided, observedOf, preflighted, refused } from './parts/decision.ts'
import { judgeHandshake, opensWebSocket } from './parts/handshake.ts'
import { maskLine } from './parts/mask.ts'
import { pairsOf, viewUpstream } from './parts/upstream.ts'
import { explainRoute, type RouteExplanation } from './route.ts'
import { watch, type Seen } from './witness.ts'

/** What decides about requests: of a running gateway, or made for the question. */
export interface ExplainDeps {
  readonly config: GatewayConfig
  readonly road: RoadDeps
  readonly answers: AnswerRules
  readonly headers: HeaderRules
}

/** A request that nobody sends. */
export interface AskedRequest {
  readonly head: RequestHead
  /** What its `X-Request-Id` would be. */
  readonly requestId: string
  /** Its caller was made up, and proves nothing. */
  readonly madeUp: boolean
}

/**
 * Says what would become of a request, and why, without sending it: the road of every request is walked with everything but what writes.
 * Nothing is counted, extended, redeemed or forwarded. The only I/O is a look at sessions, keys and users, and at the folder of a
 * static route.
 *
 * Not told, because only a running gateway knows: limits that are used up, slots that are taken, targets that are away.
 */
export async function explainRequest(
  { head, requestId, madeUp }: AskedRequest,
  deps: ExplainDeps,
): Promise<Explanation> {
  const { config, answers } = deps
  const { road, seen } = watch(deps.road)
  const admission = await walk(head, road)
  const route = explainRoute(road.routes, config, head.method, head.host ?? '', head.target)
  const files = isRefusal(admission) ? null : await lookForFile(admission, head)
  const refusal = isRefusal(admission) ? admission : notFound(admission, files)
  const decision =
    refusal === null
      ? decide(admission, files, requestId)
      : { ...refused(refusal, head, requestId, answers), ...(files === null ? {} : staticKind) }
  const forwarded = isRefusal(admission) || admission.kind !== 'forward' ? null : admission
  const routeConfig = forwarded?.route ?? routeOf(route, config)
  const view = { head, requestId, config, rules: deps.headers, nowMs: road.now() }
  return {
    request: viewRequest(head),
    route,
    credential: viewCredential({
      ...{ head, road, seen, madeUp },
      refusal: isRefusal(admission) ? admission : null,
      unread:
        decision.kind === 'preflight' ? 'a preflight brings none' : whyUnread(routeConfig, route),
    }),
    decision,
    upstream: forwarded === null ? null : viewUpstream({ ...view, admission: forwarded }),
    file: files?.view ?? null,
    answerHeaders: isRefusal(admission) ? [] : pairsOf(admission.answerHeaders).map(maskLine),
    limits: routeConfig === null ? null : limitsOf(routeConfig, seen),
    cache: cacheOf(forwarded, seen, config, road.now()),
    notes: notesOf(head, seen, forwarded),
  }
}

/** The road, with what Fastify does before it and the WebSocket proxy after it. */
async function walk(head: RequestHead, road: RoadDeps): Promise<Admission | Refusal> {
  const admission = undecodable(head) ?? (await admit(head, road))
  return isRefusal(admission) ? admission : (judgeHandshake(head, admission) ?? admission)
}

/**
 * Fastify looks for its own route before ours is looked for, and has no answer to a path that it cannot decode. Handshakes do not come
 * that way.
 */
function undecodable(head: RequestHead): Refusal | null {
  if (opensWebSocket(head)) return null
  const [path = ''] = head.target.split(/[?#]/, 1)
  try {
    decodeURI(path)
    return null
  } catch {
    return toRefusal({ code: 'FST_ERR_BAD_URL' })
  }
}

const staticKind = { kind: 'static' } as const

function viewRequest(head: RequestHead): Explanation['request'] {
  const { method, target, host, address } = head
  const kinds = { websocket: opensWebSocket(head), navigation: isNavigation(head) }
  return { method, target, host, address, ...kinds }
}

interface Files {
  readonly view: FileView
  readonly status: 200 | 301 | 404
}

/** What of a folder an admitted request gets; null where its route has none. */
async function lookForFile(admission: Admission, head: RequestHead): Promise<Files | null> {
  if (admission.kind !== 'forward' || admission.route.serve.kind !== 'static') return null
  const { route, target } = admission
  const { serve } = admission.route
  const { file, as } = await findFile(head, route.match.paths, target.path, serve)
  const status = file === null ? 404 : as === 'folder' ? 301 : 200
  const fallback = file !== null && as === 'fallback'
  return { view: { file, dir: serve.dir, fallback }, status }
}

function notFound(admission: Admission, files: Files | null): Refusal | null {
  if (files?.status !== 404) return null
  return withHeaders(refuse('route_not_found'), admission.answerHeaders)
}

function decide(admission: Admission | Refusal, files: Files | null, requestId: string): Decision {
  if (isRefusal(admission)) throw new Error('a refusal is worded elsewhere')
  switch (admission.kind) {
    case 'forward':
      return {
        ...(files === null ? decided('forward', null) : decided('static', files.status)),
        observed: observedOf(admission.observed),
      }
    case 'local':
      return decided('endpoint', null)
    case 'preflight':
      return preflighted(pairsOf(admission.answerHeaders), requestId)
  }
}

function routeOf({ chosen }: RouteExplanation, config: GatewayConfig): RouteConfig | null {
  if (chosen?.kind !== 'route') return null
  return config.routes.find(({ name }) => name === chosen.name) ?? null
}

function whyUnread(route: RouteConfig | null, { chosen }: RouteExplanation): string | null {
  if (chosen === null) return 'no route was chosen'
  if (chosen.kind === 'endpoint') return null
  return route?.auth.mode === 'none' ? 'the route has auth: none' : null
}

function limitsOf({ bodyLimitBytes, rateLimit }: RouteConfig, seen: Seen): LimitsView {
  return {
    bodyBytes: bodyLimitBytes,
    rate: rateLimit === null ? null : { ...rateLimit, key: seen.rateKey },
  }
}

const unredeemed =
  'a ticket is used up by whoever looks at it: none was redeemed, and this is what one gets that is used up'

function notesOf(head: RequestHead, seen: Seen, forwarded: Forwarded | null): readonly string[] {
  const notes: string[] = []
  if (seen.credential?.kind === 'ticket' && isTicket(head.ticket?.value ?? '')) {
    notes.push(unredeemed)
  }
  if (seen.slides) {
    notes.push('the sliding refresh is due: this request would extend the session, and did not')
  }
  const expects = head.rawHeaders.some((name, index) => index % 2 === 0 && /^expect$/i.test(name))
  if (forwarded !== null && expects) notes.push('100 Continue comes when FastAPI takes the body')
  return notes
}
