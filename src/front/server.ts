import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  LogController,
  fastify,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { sendRefusal, toRefusal } from '../errors/handler.ts'
import { refuse, withHeaders, type Refusal } from '../errors/refusal.ts'
import type { LiveConnections } from '../live/port.ts'
import { forward, type ForwardDeps } from '../proxy/forward.ts'
import { isHandshake } from '../proxy/websocket/opening/offer.ts'
import { toOriginForm } from '../routing/canonical.ts'
import { allMethods } from '../routing/compile.ts'
import { Turn } from '../upstream/http1/turn.ts'
import { answerCondition } from '../static/headers.ts'
import { registerFiles, serveFile, watchLength } from '../static/serve.ts'
import { answerHeadersOf, forwardedOf, requestIdOf } from './arrival.ts'
import { closeWithAnswer, refuseTunnel } from './http/faulty.ts'
import { addRoad, beginJourney, type RoadServer } from './http/road.ts'
import { listenerOptions, type ListenerOptions } from './listener.ts'
import { acceptUpgrades } from './upgrade.ts'

export interface ServerDeps extends RoadServer {
  readonly logger: FastifyBaseLogger
  readonly isClosing: () => boolean
  /** Where event streams are listed while they last. */
  readonly live: LiveConnections
  readonly listener: ListenerOptions
}

/**
 * The Fastify instance: one `onRequest` hook walks the road before any body is read, one catch-all route forwards what
 * arrives, and every way out that is not an answer ends in the uniform body.
 */
export function createServer(deps: ServerDeps): FastifyInstance {
  const app = createInstance(deps)
  app.decorateRequest('arrival', null)
  app.decorateRequest('witness', null)
  answerErrors(app, deps)
  registerFiles(app, forwardedOf)
  listenForTheUnusual(app, deps)
  addRoad(app, deps)
  addCatchAll(app, deps)
  return app
}

function createInstance(deps: ServerDeps): FastifyInstance {
  const { current } = deps
  return fastify({
    loggerInstance: withoutChildren(deps.logger),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestIdOf(request),
    rewriteUrl: (request) => toOriginForm(request.url ?? '/', request.headers.host),
    frameworkErrors: (error, request, reply) => {
      beginJourney(request, reply.raw, deps)
      void sendRefusal(request, reply, toRefusal(error), current().answers)
    },
    clientErrorHandler: (error, socket) => {
      closeWithAnswer(error, socket, deps)
    },
    routerOptions: { maxParamLength: 16_384 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 0,
    ...listenerOptions(deps.listener, isHandshake),
  })
}

/**
 * A child logger for each request would compile the redaction anew, and a factory that makes none is judged anew; the lines that are
 * written name their request.
 */
function withoutChildren(logger: FastifyBaseLogger): FastifyBaseLogger {
  const child = { value: () => shared }
  const shared = Object.create(logger, { child }) as FastifyBaseLogger
  return shared
}

/** Whatever goes wrong inside Fastify ends in the uniform body too. */
function answerErrors(app: FastifyInstance, { current }: ServerDeps): void {
  app.setErrorHandler((error, request, reply) => {
    const ours = answerHeadersOf(request)
    if (ours !== null && answerCondition(error, reply, ours)) return
    // A client that left in the middle of a file is nobody to answer.
    if (reply.raw.destroyed) return
    const refusal = toRefusal(error as never)
    if (refusal.code === 'internal_error') request.log.error({ err: error, requestId: request.id })
    void sendRefusal(request, reply, withHeaders(refusal, ours ?? []), current().answers)
  })
  app.setNotFoundHandler((request, reply) => {
    const refusal = withHeaders(refuse('route_not_found'), answerHeadersOf(request) ?? [])
    void sendRefusal(request, reply, refusal, current().answers)
  })
}

/** One route of Fastify's for all of ours, which never reads a body. */
function addCatchAll(app: FastifyInstance, { logger, live }: ServerDeps): void {
  const turn = new Turn()
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null)
    })
    scope.route({
      method: [...allMethods],
      url: '/*',
      exposeHeadRoute: false,
      onSend: watchLength((request) => request.arrival?.journey.cut()),
      // Before Fastify looks at a body that is not meant for it, and refuses content types that FastAPI may know.
      onRequest: (request, reply, next) => {
        if (isForFile(request)) next()
        else answer(request, reply, { log: logger, live, turn })
      },
      handler: (request, reply) => {
        answerWithFile(request, reply)
      },
    })
    done()
  })
}

/** Answers an admitted request without Fastify: it is forwarded, or a preflight. */
function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Pick<ForwardDeps, 'log' | 'live' | 'turn'>,
): void {
  const { arrival, raw, id: requestId } = request
  if (arrival === null || arrival.admission.kind === 'local') {
    throw new Error('a handler was reached that is not for this request')
  }
  const { head, admission, snapshot, client, place, journey } = arrival
  reply.hijack()
  if (admission.kind === 'preflight') {
    reply.raw.writeHead(204, [...admission.answerHeaders, 'x-request-id', requestId]).end()
    return
  }
  const { upstreams, headers, answers } = snapshot
  forward(
    { raw, reply: reply.raw, head, admission, requestId, client, place, journey },
    { upstreams, headers, answers, ...deps },
  )
}

function isForFile({ arrival }: FastifyRequest): boolean {
  return arrival?.admission.kind === 'forward' && arrival.admission.route.serve.kind === 'static'
}

function answerWithFile(request: FastifyRequest, reply: FastifyReply): void {
  const admission = forwardedOf(request)
  const { serve } = admission.route
  if (serve.kind !== 'static' || request.arrival === null) throw new Error('not a route with files')
  const { head, snapshot } = request.arrival
  const refuseFile = (refusal: Refusal): void => {
    const answer = withHeaders(refusal, admission.answerHeaders)
    void sendRefusal(request, reply, answer, snapshot.answers)
  }
  serveFile({ reply, head, admission, refuse: refuseFile }, serve).catch((error: unknown) => {
    reply.send(error)
  })
}

/** What Node does not hand to the request listener: expectations, tunnels, upgrades. */
function listenForTheUnusual(app: FastifyInstance, deps: ServerDeps): void {
  acceptUpgrades(app.server, deps)
  // RFC 9110 §10.1.1: 100 is sent when somebody reads the body, so that a refused upload is never asked for.
  app.server.on('checkContinue', (request, response) => {
    app.server.emit('request', request, response)
  })
  app.server.on('checkExpectation', (request, response) => {
    app.server.emit('request', request, response)
  })
  app.server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    refuseTunnel(request, socket, deps)
  })
}
