import { hash } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { createSnapshot, slideFor, type Parts } from './assemble.ts'
import { systemClock, type Clock } from './clock.ts'
import type { GatewayConfig } from './config/types.ts'
import { digest } from './crypto/hs256.ts'
import { registerEndpoints } from './endpoints/register.ts'
import { StartupError } from './errors/startup.ts'
import { createServer, localArrivalOf } from './front/server.ts'
import type { FrontDeadlines } from './front/listener.ts'
import { Certificate } from './front/tls.ts'
import { run, type Gateway, type Running } from './lifecycle/run.ts'
import { createCounters } from './limits/counters.ts'
import { createRateLimiter } from './limits/rate.ts'
import { LiveRegistry, liveListener } from './live/registry.ts'
import { createLogger } from './ops/log.ts'
import { createLoginPage } from './pages/login.ts'
import { judgeLoginPage } from './routing/login-page.ts'
import { SessionCache } from './session/cache.ts'
import { openEmbeddedAuth } from './session/embedded/open.ts'
import type { RevocationListener, SessionSource } from './session/port.ts'

export type { Gateway } from './lifecycle/run.ts'

export interface GatewayOptions {
  readonly logger?: FastifyBaseLogger
  readonly clock?: Clock
  /** Loopback names are accepted as `Host`, with any port. */
  readonly dev?: boolean
  /** Wraps the session source, so that tests can make it fail. */
  readonly wrapSource?: (source: SessionSource) => SessionSource
  /** Shortens how long a connection may keep us waiting; tests have no ten seconds. */
  readonly deadlines?: Partial<FrontDeadlines>
}

/**
 * Builds a gateway from a configuration: opens the database, brings its schema up to date, and wires the road. Nothing
 * listens yet. Rejects with a `StartupError` of one sentence when something that it needs is not there.
 */
export async function createGateway(
  config: GatewayConfig,
  options: GatewayOptions = {},
): Promise<Gateway> {
  refuseLoginPage(config)
  const logger = options.logger ?? createLogger('info')
  const certificate = config.server.tls && new Certificate(config.server.tls, logger)
  const clock = options.clock ?? systemClock
  // The cache hears of revocations from Better Auth, and Better Auth is what it asks: the knot is tied here.
  const listeners: RevocationListener[] = []
  const { redis } = config
  const namespace = new URL(config.server.publicUrl).host
  const counters = createCounters({ redis, namespace, clock, logger })
  const auth = await openEmbeddedAuth(config, {
    logger,
    clock,
    listener: tellAll(listeners),
    attempts: { counter: counters.auth, mustBeShared: counters.isShared },
  })
  const source = options.wrapSource?.(auth.source) ?? auth.source
  const sessions = new SessionCache({ source, clock, ttlMs: config.auth.session.cacheMs, digest })
  const running: Running = {
    config,
    phase: 'serving',
    snapshot: () => {
      throw new Error('there is no snapshot yet')
    },
  }
  const live = new LiveRegistry({
    clock,
    perClient: () => running.config.server.limits.streamsPerClient,
    recheck: (sessionId) => source.findById(sessionId),
  })
  listeners.push(sessions, liveListener(live))
  const slide = slideFor(config, source, logger)
  const app = createServer({
    logger,
    current: () => running.snapshot(),
    isLeaving: () => running.phase !== 'serving',
    isClosing: () => running.phase === 'closing',
    live,
    listener: { tls: certificate?.pair ?? null, deadlines: options.deadlines },
  })
  certificate?.follow(app)
  app.addHook('onReady', counters.open)
  const parts: Parts = {
    logger,
    clock,
    sessions,
    slide,
    live,
    limitRate: await createRateLimiter(app, counters.routes),
    dev: options.dev ?? false,
  }
  auth.register(app, (request) => localArrivalOf(request).head.address)
  registerEndpoints(app, {
    slide,
    now: clock.now,
    loginPage: loginPageOf(config),
    arrivalOf: localArrivalOf,
  })
  return run(running, {
    app,
    auth,
    live,
    logger,
    limiter: counters,
    judge: refuseLoginPage,
    prepare: (next, before) => {
      const pair = certificate?.read()
      const snapshot = createSnapshot(next, parts, before)
      if (pair !== undefined) certificate?.use(pair)
      return snapshot
    },
  })
}

function refuseLoginPage(config: GatewayConfig): void {
  const problem = judgeLoginPage(config)
  if (problem !== null) throw new StartupError(`auth.loginPage: ${problem}`)
}

function tellAll(listeners: readonly RevocationListener[]): RevocationListener {
  return {
    sessionRevoked: (event) => {
      for (const each of listeners) each.sessionRevoked(event)
    },
    sessionChanged: (event) => {
      for (const each of listeners) each.sessionChanged(event)
    },
    userChanged: (event) => {
      for (const each of listeners) each.userChanged(event)
    },
    userDeleted: (event) => {
      for (const each of listeners) each.userDeleted(event)
    },
  }
}

function loginPageOf(config: GatewayConfig): ReturnType<typeof createLoginPage> {
  return createLoginPage({
    authPath: config.auth.path,
    signUp: config.auth.signUp.kind,
    email: config.auth.signIn.email,
    social: Object.keys(config.auth.signIn.social),
    sha256Base64: (text) => hash('sha256', text, 'base64'),
  })
}
