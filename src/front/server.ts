import { randomUUID } from 'node:crypto'
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
import { answerQuestion } from '../endpoints/verify/answer.ts'
import { answerClientError, answerRawRefusal, sendRefusal, toRefusal } from '../errors/handler.ts'
import { isRefusal, refuse, withHeaders, type Refusal } from '../errors/refusal.ts'
import { readHead } from '../head.ts'
import type { LiveConnections } from '../live/port.ts'
import { admit, readable } from '../pipeline.ts'
import { forward, type ForwardDeps } from '../proxy/forward.ts'
import { watchPace } from '../proxy/pace.ts'
import { expectsContinue, hasBody } from '../proxy/upload.ts'
import { toOriginForm } from '../routing/canonical.ts'
import { allMethods } from '../routing/compile.ts'
import type { Snapshot } from '../snapshot.ts'
import { Turn } from '../upstream/http1/turn.ts'
import { answerCondition } from '../static/headers.ts'
import { registerFiles, serveFile, watchLength } from '../static/serve.ts'
import { addressOf } from './address.ts'
import { answerHeadersOf, askingOf, forwardedOf, judgeMessage, requestIdOf } from './arrival.ts'
import { clientKey, type ClientCap } from './clients.ts'
import { listenerOptions, type ListenerOptions } from './listener.ts'
import { acceptUpgrades, isUpgrade } from './upgrade.ts'

export interface ServerDeps {
  readonly logger: FastifyBaseLogger
  /** What is in force now. */
  readonly current: () => Snapshot
  /** On the way out every answer closes its connection, so that nobody sends another request on it. */
  readonly isLeaving: () => boolean
  readonly isClosing: () => boolean
  /** Whose requests are under way. */
  readonly clients: ClientCap
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
  answerErrors(app, deps)
  registerFiles(app, forwardedOf)
  listenForTheUnusual(app, deps)
  addRoad(app, deps)
  addCatchAll(app, deps)
  return app
}

function createInstance(deps: ServerDeps): FastifyInstance {
  const { current, clients } = deps
  return fastify({
    loggerInstance: withoutChildren(deps.logger),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestIdOf(request),
    rewriteUrl: (request) => toOriginForm(request.url ?? '/', request.headers.host),
    frameworkErrors: (error, request, reply) => {
      void sendRefusal(request, reply, toRefusal(error), current().answers)
    },
    clientErrorHandler: (error, socket) => {
      // Browsers open connections ahead of time, and would take an answer that they find there for that to their next request; a
      // client whose request is under way would take it for that to this one.
      if (socket.bytesRead === 0 || clients.isServing(socket)) socket.destroy()
      else answerClientError(error, socket, randomUUID(), current().answers)
    },
    routerOptions: { maxParamLength: 16_384 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 0,
    ...listenerOptions(deps.listener, isUpgrade),
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

function addRoad(app: FastifyInstance, { current, isLeaving, clients }: ServerDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    const snapshot = current()
    // Node's parser drops what came behind a request that asks for another protocol, also where we ignore that it does.
    if (isLeaving() || raw.headers.upgrade !== undefined) reply.raw.shouldKeepAlive = false
    const faulty = judgeMessage(raw)
    if (faulty !== null) return sendRefusal(request, reply, faulty, snapshot.answers)
    const asking = askingOf(raw, request.id, snapshot)
    if (asking !== null) return answerQuestion(asking, reply, clients)
    const address = addressOf(raw, snapshot.trusts)
    // The client has gone already, and with it whose request this was: nobody is served for nobody.
    if (address === '') {
      raw.destroy()
      return reply.hijack()
    }
    const head = readHead(raw.method ?? '', raw.url ?? '', raw.rawHeaders, raw.socket, address)
    const { road } = snapshot
    const client = clientKey(address)
    const place = clients.enter(client, reply.raw)
    const admission =
      place === null ? readable(refuse('overloaded'), head, road) : await admit(head, road)
    if (isRefusal(admission)) {
      // Nobody reads the body, but a short one flows away on a connection that is kept.
      if (hasBody(head.contentLength, head.chunked)) watchPace(raw, () => raw.destroy())
      return sendRefusal(request, reply, admission, snapshot.answers)
    }
    // Two routers looked at this path. Where they disagree nobody is served.
    if ((admission.kind === 'local') === (request.routeOptions.url === '/*')) {
      throw new Error('the route table and the router disagree')
    }
    request.arrival = { head, admission, snapshot, client, place }
    // Bodies that are forwarded are watched where they are read; these are small, and a cut connection says enough.
    if (admission.kind === 'local' && hasBody(head.contentLength, head.chunked)) {
      if (expectsContinue(raw)) reply.raw.writeContinue()
      watchPace(raw, () => raw.destroy())
    }
    return undefined
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
      onSend: watchLength,
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
  const { head, admission, snapshot, client, place } = arrival
  reply.hijack()
  if (admission.kind === 'preflight') {
    reply.raw.writeHead(204, [...admission.answerHeaders, 'x-request-id', requestId]).end()
    return
  }
  const { upstreams, headers, answers } = snapshot
  forward(
    { raw, reply: reply.raw, head, admission, requestId, client, place },
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
  const { current } = deps
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
    const { answers } = current()
    answerRawRefusal(socket, refuse('method_not_allowed'), null, requestIdOf(request), answers)
  })
}
