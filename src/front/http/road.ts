import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerQuestion } from '../../endpoints/verify/answer.ts'
import { sendRefusal } from '../../errors/handler.ts'
import { isRefusal, refuse } from '../../errors/refusal.ts'
import { readHead } from '../../head.ts'
import { Journey, type JourneyDeps } from '../../ops/access/journey.ts'
import { admit, readable } from '../../pipeline.ts'
import { watchPace } from '../../proxy/pace.ts'
import { expectsContinue, hasBody } from '../../proxy/upload.ts'
import type { Snapshot } from '../../snapshot.ts'
import { addressOf, isTrustedPeer } from '../address.ts'
import { askingOf, judgeMessage, type Arrival } from '../arrival.ts'
import { clientKey, type ClientCap } from '../clients.ts'

export interface RoadServer {
  /** What is in force now. */
  readonly current: () => Snapshot
  /** On the way out every answer closes its connection, so that nobody sends another request on it. */
  readonly isLeaving: () => boolean
  /** Whose requests are under way. */
  readonly clients: ClientCap
  readonly journeys: JourneyDeps
}

/** Notes a request from its first moment to the end of its answer. */
export function beginJourney(
  request: FastifyRequest,
  response: ServerResponse,
  { journeys }: Pick<RoadServer, 'journeys'>,
): Journey {
  const { method = '', url = '' } = request.raw
  const journey = new Journey(journeys, request.id, method, url)
  journey.endWith(response)
  request.witness = journey
  return journey
}

/** The one hook: every request walks the road before Fastify looks at its body. */
export function addRoad(app: FastifyInstance, deps: RoadServer): void {
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    const journey = beginJourney(request, reply.raw, deps)
    const snapshot = deps.current()
    journey.joins(raw.rawHeaders, () => isTrustedPeer(raw, snapshot.trusts))
    // Node's parser drops what came behind a request that asks for another protocol, also where we ignore that it does.
    if (deps.isLeaving() || raw.headers.upgrade !== undefined) reply.raw.shouldKeepAlive = false
    const faulty = judgeMessage(raw)
    if (faulty !== null) return sendRefusal(request, reply, faulty, snapshot.answers)
    const asking = askingOf(raw, journey, snapshot)
    if (asking !== null) return answerQuestion(asking, reply, deps.clients)
    const address = addressOf(raw, snapshot.trusts)
    // The client has gone already, and with it whose request this was: nobody is served for nobody.
    if (address === '') {
      raw.destroy()
      return reply.hijack()
    }
    const head = readHead(raw.method ?? '', raw.url ?? '', raw.rawHeaders, raw.socket, address)
    journey.came(head)
    const { road } = snapshot
    const client = clientKey(address)
    const place = deps.clients.enter(client, reply.raw, journey)
    const admission =
      place === null ? readable(refuse('overloaded'), head, road) : await admit(head, road, journey)
    if (isRefusal(admission)) {
      // Nobody reads the body, but a short one flows away on a connection that is kept.
      if (hasBody(head.contentLength, head.chunked)) watchPace(raw, () => raw.destroy())
      return sendRefusal(request, reply, admission, snapshot.answers)
    }
    journey.admitted(admission)
    arrive(request, reply, { head, admission, snapshot, client, place, journey })
    return undefined
  })
}

/** What was admitted goes on to its handler. */
function arrive(request: FastifyRequest, reply: FastifyReply, arrival: Arrival): void {
  const { raw } = request
  const { head, admission } = arrival
  // Two routers looked at this path. Where they disagree nobody is served.
  if ((admission.kind === 'local') === (request.routeOptions.url === '/*')) {
    throw new Error('the route table and the router disagree')
  }
  request.arrival = arrival
  // Bodies that are forwarded are watched where they are read; these are small, and a cut connection says enough.
  if (admission.kind === 'local' && hasBody(head.contentLength, head.chunked)) {
    if (expectsContinue(raw)) reply.raw.writeContinue()
    watchPace(raw, () => raw.destroy())
  }
}
