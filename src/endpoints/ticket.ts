import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../authn/principal.ts'
import { ticketTtlMs } from '../authn/ticket/issue.ts'
import { sendRefusal } from '../errors/handler.ts'
import { isRefusal, refuse, withHeaders, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import { readTarget } from '../routing/canonical.ts'
import { endpoints, type RouteTable } from '../routing/compile.ts'
import { matchRoute } from '../routing/match.ts'
import type { Snapshot } from '../snapshot.ts'

export interface TicketEndpointDeps {
  /** Wall clock, milliseconds. */
  readonly now: () => number
  readonly arrivalOf: (request: FastifyRequest) => {
    readonly head: RequestHead
    readonly principal: Principal | null
    readonly answerHeaders: readonly string[]
    readonly snapshot: Pick<Snapshot, 'answers' | 'issueTicket'> & {
      readonly road: { readonly routes: RouteTable }
    }
  }
}

const limitBytes = 4096

/**
 * Mounts `POST /_gateway/ticket`. The body is `{"path": "/api/ws/…"}`: the path that a page is about to open by `WebSocket` or `EventSource`, without its query.
 * Who may ask was decided on the road.
 *
 * Refusals: `request_malformed`, `body_too_large`, `path_not_canonical`, `route_not_found`, `session_store_unavailable`.
 */
export function registerTicket(app: FastifyInstance, deps: TicketEndpointDeps): void {
  app.register((scope, _options, done) => {
    // What is no JSON is refused by its type: a form of another page can send every other one unasked.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: limitBytes },
      (_request, body, parsed) => {
        parsed(null, body)
      },
    )
    scope.post(endpoints.ticket.path, (request, reply) => answerTicket(request, reply, deps))
    done()
  })
}

async function answerTicket(
  request: FastifyRequest,
  reply: FastifyReply,
  { now, arrivalOf }: TicketEndpointDeps,
): Promise<unknown> {
  const { head, principal, answerHeaders, snapshot } = arrivalOf(request)
  if (principal === null) throw new Error('the ticket endpoint was reached by nobody')
  const refuseIt = (refusal: Refusal): FastifyReply =>
    sendRefusal(request, reply, withHeaders(refusal, answerHeaders), snapshot.answers)
  const path = readPath(request.body, head, snapshot.road.routes)
  if (typeof path !== 'string') return refuseIt(path)
  const ticket = await snapshot.issueTicket(principal, head, path, now()).catch(() => null)
  if (ticket === null) return refuseIt(refuse('session_store_unavailable', { detail: notKept }))
  for (let index = 0; index < answerHeaders.length; index += 2) {
    reply.header(answerHeaders[index] ?? '', answerHeaders[index + 1])
  }
  reply.header('cache-control', 'no-store')
  return { ticket, expires_in: ticketTtlMs / 1000 }
}

const notKept = 'The ticket cannot be kept at the moment. You have not been signed out.'
const wanted = 'The body is JSON with `path` and nothing else: a path without a query.'

/** The path that a ticket is asked for, if there is one that a page can open a stream to. */
function readPath(body: unknown, head: RequestHead, routes: RouteTable): string | Refusal {
  const path = pathIn(body)
  if (path?.includes('?') !== false) return refuse('request_malformed', { detail: wanted })
  const target = readTarget(path)
  if (isRefusal(target)) return target
  // A handshake is a GET as well (RFC 6455 §4.1).
  const found = matchRoute(routes, target, head.host ?? '', 'GET')
  if (isRefusal(found) && found.code === 'path_not_canonical') return found
  const isOpen = !isRefusal(found) && found.kind === 'forward'
  if (isOpen && found.route.serve.kind === 'upstream') return path
  const detail = 'No route lets a page open a WebSocket or an event stream at this path.'
  return refuse('route_not_found', { detail })
}

function pathIn(body: unknown): string | null {
  if (typeof body !== 'string') return null
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { path, ...more } = value as Readonly<Record<string, unknown>>
  return typeof path === 'string' && Object.keys(more).length === 0 ? path : null
}
