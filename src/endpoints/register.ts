import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { issueAccessToken } from '../assertion/access-token.ts'
import type { Session } from '../authn/principal.ts'
import type { RequestHead } from '../head.ts'
import type { Slide } from '../pipeline.ts'
import { endpoints } from '../routing/compile.ts'
import type { Snapshot } from '../snapshot.ts'
import { registerEvents, type EventsDeps } from './events.ts'
import { registerKit, type KitDeps } from './kit.ts'
import { registerRevocations, type RevocationDeps } from './revocations.ts'
import { toSessionView } from './session-view.ts'
import { registerTicket, type TicketEndpointDeps } from './ticket.ts'

export interface EndpointDeps {
  readonly slide: Slide
  /** Wall clock, milliseconds. */
  readonly now: () => number
  readonly live: EventsDeps['live']
  readonly kit: KitDeps['kit']
  /** What takes pushes from a Better Auth elsewhere, or null. */
  readonly inbox: RevocationDeps['inbox'] | null
  /** What the road has left for this request. */
  readonly arrivalOf: (request: FastifyRequest) => {
    readonly head: RequestHead
    readonly session: Session | null
    readonly snapshot: Pick<Snapshot, 'bearer' | 'sign' | 'sealSession' | 'answers'>
  } & ReturnType<TicketEndpointDeps['arrivalOf']> &
    ReturnType<EventsDeps['arrivalOf']>
}

/** Mounts the endpoints under `/_gateway`. Who may call them was decided on the road; here they only answer. */
export function registerEndpoints(app: FastifyInstance, deps: EndpointDeps): void {
  const { inbox, arrivalOf } = deps
  if (inbox !== null) registerRevocations(app, { inbox, arrivalOf })
  registerTicket(app, deps)
  app.register((scope, _options, done) => {
    // These endpoints take no body; one that comes along, of whatever type, is not looked at.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, parsed) => {
      payload.resume()
      parsed(null)
    })
    scope.get(endpoints.session.path, (request, reply) => {
      reply.header('cache-control', 'no-store')
      return toSessionView(deps.arrivalOf(request).session)
    })
    scope.post(endpoints.token.path, (request, reply) => answerToken(request, reply, deps))
    registerEvents(scope, deps)
    registerKit(scope, deps)
    done()
  })
}

/** The refresh endpoint: a fresh access token for a live session, which is extended when its sliding refresh is due. */
async function answerToken(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: EndpointDeps,
): Promise<unknown> {
  const { head, session, snapshot } = deps.arrivalOf(request)
  if (session === null) throw new Error('the token endpoint was reached without a session')
  const isDue = session.refreshAtMs <= deps.now()
  const slid = isDue ? await deps.slide(session, head) : { session, setCookies: [] }
  for (const cookie of slid.setCookies) reply.header('set-cookie', cookie)
  reply.header('cache-control', 'private, no-store')
  const sealed = snapshot.sealSession(head.cookie, session.id)
  return issueAccessToken(slid.session, snapshot.bearer, snapshot.sign, deps.now(), sealed)
}
