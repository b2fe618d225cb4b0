import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import {
  LogController,
  fastify,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify'
import type { AnswerRules } from './errors/answer.ts'
import { answerClientError, answerRawRefusal, sendRefusal, toRefusal } from './errors/handler.ts'
import { isRefusal, refuse } from './errors/refusal.ts'
import { readHead, type RequestHead } from './head.ts'
import { admit, type Admission, type Forwarded, type Local, type RoadDeps } from './pipeline.ts'
import type { createForward } from './proxy/forward.ts'
import { watchPace } from './proxy/pace.ts'
import { hasBody } from './proxy/upload.ts'
import { toOriginForm } from './routing/canonical.ts'
import { allMethods } from './routing/compile.ts'

export interface ServerDeps {
  readonly logger: FastifyBaseLogger
  readonly trustedProxies: readonly string[]
  readonly road: RoadDeps
  readonly answers: AnswerRules
  readonly forward: ReturnType<typeof createForward>
}

/** What the road left for the handler that Fastify calls next. */
interface Arrival {
  readonly head: RequestHead
  readonly admission: Admission
}

declare module 'fastify' {
  interface FastifyRequest {
    arrival: Arrival | null
  }
}

const headersTimeoutMs = 10_000

/**
 * The Fastify instance: one `onRequest` hook walks the road before any body is read, one catch-all route forwards what
 * arrives, and every way out that is not an answer ends in the uniform body.
 */
export function createServer(deps: ServerDeps): FastifyInstance {
  const { answers } = deps
  const app: FastifyInstance = fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    genReqId: (request) => requestIdOf(request),
    rewriteUrl: (request) => toOriginForm(request.url ?? '/', request.headers.host),
    frameworkErrors: (error, request, reply) => {
      void sendRefusal(request, reply, toRefusal(error), answers)
    },
    clientErrorHandler: (error, socket) => {
      answerClientError(error, socket, randomUUID(), answers)
    },
    routerOptions: { maxParamLength: 16_384 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 0,
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: 2000,
      // A request without Host gets the uniform body too; Node would answer it by itself.
      requireHostHeader: false,
      optimizeEmptyRequests: true,
    },
  })
  app.decorateRequest('arrival', null)
  app.setErrorHandler((error, request, reply) => {
    const refusal = toRefusal(error as never)
    if (refusal.code === 'internal_error') request.log.error({ err: error, requestId: request.id })
    void sendRefusal(request, reply, refusal, answers)
  })
  app.setNotFoundHandler((request, reply) => {
    void sendRefusal(request, reply, refuse('route_not_found'), answers)
  })
  listenForTheUnusual(app, answers)
  addRoad(app, deps)
  return app
}

function addRoad(app: FastifyInstance, { road, answers, forward }: ServerDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    const head = readHead(raw.method ?? '', raw.url ?? '', raw.rawHeaders, raw.socket)
    const admission = await admit(head, road)
    if (isRefusal(admission)) return sendRefusal(request, reply, admission, answers)
    // Two routers looked at this path. Where they disagree nobody is served.
    if ((admission.kind === 'forward') !== (request.routeOptions.url === '/*')) {
      throw new Error('the route table and the router disagree')
    }
    request.arrival = { head, admission }
    // Bodies that are forwarded are watched where they are read; these are small, and a cut connection says enough.
    if (admission.kind === 'local' && hasBody(head.contentLength, head.chunked)) {
      watchPace(raw, () => raw.destroy())
    }
    return undefined
  })
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null)
    })
    scope.route({
      method: [...allMethods],
      url: '/*',
      exposeHeadRoute: false,
      handler: (request, reply) => {
        const { head, admission } = arrivalAs('forward', request)
        forward(request, reply, head, admission)
      },
    })
    done()
  })
}

/** The session that the road left for an endpoint of ours. */
export function localArrivalOf(request: FastifyRequest): {
  readonly head: RequestHead
  readonly session: Local['session']
} {
  const { head, admission } = arrivalAs('local', request)
  return { head, session: admission.session }
}

function arrivalAs(kind: 'forward', request: FastifyRequest): Arrival & { admission: Forwarded }
function arrivalAs(kind: 'local', request: FastifyRequest): Arrival & { admission: Local }
function arrivalAs(kind: Admission['kind'], request: FastifyRequest): Arrival {
  const { arrival } = request
  if (arrival?.admission.kind !== kind) throw new Error(`a handler was reached that is not ${kind}`)
  return arrival
}

/** What Node does not hand to the request listener: expectations, tunnels. */
function listenForTheUnusual(app: FastifyInstance, answers: AnswerRules): void {
  // RFC 9110 §10.1.1: 100 is sent when somebody reads the body, so that a refused upload is never asked for.
  app.server.on('checkContinue', (request, response) => {
    app.server.emit('request', request, response)
  })
  app.server.on('checkExpectation', (request, response) => {
    app.server.emit('request', request, response)
  })
  app.server.on('connect', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy())
    answerRawRefusal(socket, refuse('method_not_allowed'), requestIdOf(request), answers)
  })
}

/** An inbound `X-Request-Id` is kept when it is one plain word, so that it can be followed through the logs. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID()
}
