import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createSnapshot, type Parts } from './assemble.ts'
import { openConsoleFor } from './assemble/console.ts'
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
import { run, type Gateway, type RunDeps, type Running } from './lifecycle/run.ts'
import { createCounters, type Counters } from './limits/counters.ts'
import { createRateLimiter } from './limits/rate.ts'
import { AccessHub, type AccessListener } from './ops/access/hub.ts'
import { accessLog, type AccessWriter } from './ops/access/log.ts'
import { openTrail, type AuditTrail } from './ops/audit/trail.ts'
import { createLogger } from './ops/log.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import type { Tracer } from './ops/trace/port.ts'
import type { StateSources } from './ops/metrics/state.ts'
import { configurationHash } from './ops/console/show/state.ts'
import { reportComparisons } from './ops/metrics/compared.ts'
import { judgeLoginPage } from './routing/login-page.ts'
import { judgeFolders, missingFolders } from './static/folders.ts'
import type { SessionSource } from './session/port.ts'
import type { RemoteDeadlines } from './session/remote/client/client.ts'
import { KeySets } from './issuers/key-sets.ts'
import { openSessions, type SessionOptions } from './assemble/sessions.ts'
import type { LookupSources } from './session/lookups/open.ts'
import { openTickets, type OpenTickets } from './session/tickets/open.ts'

export type { Gateway } from './lifecycle/run.ts'

export interface GatewayOptions {
  readonly logger?: FastifyBaseLogger
  /** Where traces go; closed with the gateway. Left out: there are none. */
  readonly tracer?: Tracer
  /** Where the line for each request goes; null: nowhere; left out: among those of `logger`. */
  readonly accessLog?: AccessWriter | null
  /** How many lines of the log were let go so far. */
  readonly linesLost?: () => number
  readonly clock?: Clock
  /** Told what became of each request, when it is over. Must not throw, and must not take long. */
  readonly onRequest?: AccessListener
  /** Loopback names are accepted as `Host`, with any port. */
  readonly dev?: boolean
  /** Wraps the session source, so that tests can make it fail. */
  readonly wrapSource?: (source: SessionSource) => SessionSource
  /** Wraps who is asked for users and API keys, so that somebody can be made up. */
  readonly wrapLookups?: (sources: LookupSources) => LookupSources
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
  const { running, logger, clock, counters, clients, metrics } = core
  const opened = await openSessions(sessionOptions(core)).catch(async (error: unknown) => {
    await core.audit.close()
    throw error
  })
  const { auth, live, bus, slide } = opened
  metrics.watch(stateOf(core, opened))
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
    onCompared: reportComparisons(metrics.comparisons, logger),
    onSession: opened.onSession,
  }
  const ask = auth.register(app, (request) => localArrivalOf(request).head.address)
  registerLogin(app, { ask, arrivalOf: localArrivalOf })
  const arrivals = { arrivalOf: localArrivalOf, inbox: auth.inbox }
  const kit = kitFor(logger)
  registerEndpoints(app, { slide, now: clock.now, live, kit, ...arrivals })
  return run(running, {
    ...{ app, auth, live, bus, issuers, clients, metrics, logger, limiter: counters, judge },
    audit: core.audit,
    tracer: options.tracer ?? null,
    openConsole: openConsoleFor({ ...core, ...opened }),
    prepare: preparing(core, parts),
  })
}

/** What makes a snapshot of a configuration, and nothing else where that fails. */
function preparing({ certificate, logger }: Core, parts: Parts): RunDeps['prepare'] {
  return (next, before) => {
    const pair = certificate?.read()
    const snapshot = createSnapshot(next, parts, before)
    if (pair !== undefined) certificate?.use(pair)
    for (const line of missingFolders(next)) logger.warn(line)
    return snapshot
  }
}

function createCore(config: GatewayConfig, options: GatewayOptions): Core {
  const { logger = createLogger('info'), clock = systemClock } = options
  const { publicUrl, tls } = config.server
  const running: Running = { config, phase: 'serving', snapshot: noSnapshotYet }
  const namespace = new URL(publicUrl).host
  const metrics = createMetrics(clock.now)
  const { accessLog: writer = logger, onRequest } = options
  const hub = new AccessHub()
  hub.subscribe(metrics.requests)
  if (writer !== null) hub.subscribe(accessLog(writer, () => running.config.log.access))
  if (onRequest !== undefined) hub.subscribe(onRequest)
  if (options.tracer !== undefined) metrics.spans(options.tracer)
  return {
    running,
    options,
    logger,
    clock,
    certificate: tls && new Certificate(tls, logger),
    counters: createCounters({ redis: config.redis, namespace, clock, logger }),
    clients: new ClientCap(() => running.config.server.limits.requestsPerClient),
    metrics,
    audit: openTrail(config.audit, { clock, logger, metrics: metrics.audit }),
    hub,
  }
}

function sessionOptions(core: Core): SessionOptions {
  const { running, options, logger, clock, counters, metrics, audit } = core
  const { wrapSource, wrapLookups, sessionsHeld, remoteDeadlines = {} } = options
  return {
    ...{ config: running.config, clock, logger, remoteDeadlines, audit },
    metrics: metrics.revocations,
    attempts: { counter: counters.auth, mustBeShared: counters.isShared },
    streamsPerClient: () => running.config.server.limits.streamsPerClient,
    ...(wrapSource === undefined ? {} : { wrapSource }),
    ...(wrapLookups === undefined ? {} : { wrapLookups }),
    ...(sessionsHeld === undefined ? {} : { sessionsHeld }),
  }
}

/** Where the metrics look for how the gateway stands. */
function stateOf(
  { running, options, clients }: Core,
  { auth, sessions, live }: Awaited<ReturnType<typeof openSessions>>,
): StateSources {
  return {
    ...{ sessions, live, clients, hashing: auth.hashing },
    isStoreUp: auth.isStoreUp,
    upstreams: () => [...running.snapshot().upstreams.values()].map((each) => each.status()),
    configurationHash: () => configurationHash(running.config),
    linesLost: options.linesLost ?? (() => 0),
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
  readonly audit: AuditTrail
  /** Told what became of every request. */
  readonly hub: AccessHub
}

/** The server, its certificate followed and its counters connected while it is open. */
function createFront(core: Core, live: LiveRegistry): FastifyInstance {
  const { running, options, logger, clock, certificate, counters, clients, hub } = core
  const app = createServer({
    logger,
    current: () => running.snapshot(),
    isLeaving: () => running.phase !== 'serving',
    isClosing: () => running.phase === 'closing',
    clients,
    live,
    journeys: { hub, clock, authPath: running.config.auth.path, tracer: options.tracer ?? null },
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
