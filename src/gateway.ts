import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createSnapshot, type Parts } from './assemble.ts'
import { systemClock, type Clock } from './clock.ts'
import type { GatewayConfig } from './config/types.ts'
import { readKit } from './endpoints/kit.ts'
import { readPageScript } from './endpoints/login/assets.ts'
import { registerLogin } from './endpoints/login/register.ts'
import { registerEndpoints } from './endpoints/register.ts'
import { StartupError } from './errors/startup.ts'
import { localArrivalOf } from './front/arrival.ts'
import { ClientCap } from './front/clients.ts'
import { createServer } from './front/server.ts'
import type { FrontDeadlines } from './front/listener.ts'
import { Certificate } from './front/tls.ts'
import type { LiveRegistry } from './live/registry.ts'
import { run, type Gateway, type Running } from './lifecycle/run.ts'
import { createCounters, type Counters } from './limits/counters.ts'
import { createRateLimiter } from './limits/rate.ts'
import { createLogger } from './ops/log.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import { judgeLoginPage } from './routing/login-page.ts'
import { judgeFolders, missingFolders } from './static/folders.ts'
import type { SessionSource } from './session/port.ts'
import type { RemoteDeadlines } from './session/remote/client/client.ts'
import { KeySets } from './issuers/key-sets.ts'
import { openSessions, type SessionOptions } from './assemble/sessions.ts'
import { openTickets, type OpenTickets } from './session/tickets/open.ts'

export type { Gateway } from './lifecycle/run.ts'

export interface GatewayOptions {
  readonly logger?: FastifyBaseLogger
  readonly clock?: Clock
  /** Loopback names are accepted as `Host`, with any port. */
  readonly dev?: boolean
  /** Wraps the session source, so that tests can make it fail. */
  readonly wrapSource?: (source: SessionSource) => SessionSource
  /** How many sessions are held in memory at once; tests have fewer users. */
  readonly sessionsHeld?: number
  /** Shortens how long a connection may keep us waiting; tests have no ten seconds. */
  readonly deadlines?: Partial<FrontDeadlines>
  /** The same for a Better Auth that runs elsewhere. */
  readonly remoteDeadlines?: Partial<RemoteDeadlines>
}

/**
 * Builds a gateway from a configuration: opens the database, brings its schema up to date, and wires the road. Nothing
 * listens yet. Rejects with a `StartupError` of one sentence when something that it needs is not there.
 */
export async function createGateway(
  config: GatewayConfig,
  options: GatewayOptions = {},
): Promise<Gateway> {
  judge(config)
  const core = createCore(config, options)
  const { running, logger, clock, certificate, counters, clients, metrics } = core
  const opened = await openSessions(sessionOptions(core))
  const { auth, live, bus, slide } = opened
  const app = createFront(core, live)
  app.addHook('onReady', () => bus.open())
  const tickets = openTickets(config, auth, core)
  closeWith(app, tickets)
  const issuers = new KeySets(clock, logger)
  const parts: Parts = {
    ...{ logger, clock, slide, live, issuers, dev: options.dev ?? false },
    ...{ sessions: opened.sessions, marks: opened.marks, tickets: tickets.store },
    ...{ users: opened.lookups.users, apiKeys: opened.lookups.apiKeys },
    limitRate: await createRateLimiter(app, counters.routes),
    pages: { offers: auth.offers, script: readPageScript() },
  }
  const ask = auth.register(app, (request) => localArrivalOf(request).head.address)
  registerLogin(app, { ask, arrivalOf: localArrivalOf })
  const arrivals = { arrivalOf: localArrivalOf, inbox: auth.inbox }
  const kit = kitFor(logger)
  registerEndpoints(app, { slide, now: clock.now, live, kit, ...arrivals })
  return run(running, {
    ...{ app, auth, live, bus, issuers, clients, metrics, logger, limiter: counters, judge },
    prepare: (next, before) => {
      const pair = certificate?.read()
      const snapshot = createSnapshot(next, parts, before)
      if (pair !== undefined) certificate?.use(pair)
      for (const line of missingFolders(next)) logger.warn(line)
      return snapshot
    },
  })
}

function createCore(config: GatewayConfig, options: GatewayOptions): Core {
  const { logger = createLogger('info'), clock = systemClock } = options
  const { publicUrl, tls } = config.server
  const running: Running = { config, phase: 'serving', snapshot: noSnapshotYet }
  const namespace = new URL(publicUrl).host
  return {
    running,
    options,
    logger,
    clock,
    certificate: tls && new Certificate(tls, logger),
    counters: createCounters({ redis: config.redis, namespace, clock, logger }),
    clients: new ClientCap(() => running.config.server.limits.requestsPerClient),
    metrics: createMetrics(),
  }
}

function sessionOptions(core: Core): SessionOptions {
  const { running, options, logger, clock, counters, metrics } = core
  const { wrapSource, sessionsHeld, remoteDeadlines = {} } = options
  return {
    ...{ config: running.config, clock, logger, remoteDeadlines },
    metrics: metrics.revocations,
    attempts: { counter: counters.auth, mustBeShared: counters.isShared },
    streamsPerClient: () => running.config.server.limits.streamsPerClient,
    ...(wrapSource === undefined ? {} : { wrapSource }),
    ...(sessionsHeld === undefined ? {} : { sessionsHeld }),
  }
}

function noSnapshotYet(): never {
  throw new Error('there is no snapshot yet')
}

/** What the parts of a gateway are made with. */
interface Core {
  readonly running: Running
  readonly options: GatewayOptions
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly certificate: Certificate | null
  readonly counters: Counters
  readonly clients: ClientCap
  readonly metrics: Metrics
}

/** The server, its certificate followed and its counters connected while it is open. */
function createFront(core: Core, live: LiveRegistry): FastifyInstance {
  const { running, options, logger, certificate, counters, clients } = core
  const app = createServer({
    logger,
    current: () => running.snapshot(),
    isLeaving: () => running.phase !== 'serving',
    isClosing: () => running.phase === 'closing',
    clients,
    live,
    listener: { tls: certificate?.pair ?? null, deadlines: options.deadlines },
  })
  certificate?.follow(app)
  app.addHook('onReady', counters.open)
  return app
}

/** Whoever still comes while the server closes may still need them. */
function closeWith(app: FastifyInstance, { close }: OpenTickets): void {
  app.addHook('onClose', (_app, done) => {
    close()
    done()
  })
}

/** What the configuration cannot tell by itself. Throws a `StartupError`. */
function judge(config: GatewayConfig): void {
  const circle = judgeLoginPage(config)
  if (circle !== null) throw new StartupError(`auth.loginPage: ${circle}`)
  const exposed = judgeFolders(config)
  if (exposed !== null) throw new StartupError(exposed)
}

function kitFor(logger: FastifyBaseLogger): ReturnType<typeof readKit> {
  const kit = readKit()
  if (kit === null) logger.warn('there is no /_gateway/client.js: run `npm run build`')
  return kit
}
