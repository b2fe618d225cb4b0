import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { slideFor } from './assemble.ts'
import { sessionIdKey } from './authn/sessions.ts'
import type { Clock } from './clock.ts'
import type { GatewayConfig } from './config/types.ts'
import { digest } from './crypto/hs256.ts'
import { liveHearer } from './live/hearer.ts'
import { LiveRegistry } from './live/registry.ts'
import { openAuth, type AuthParts } from './session/auth.ts'
import { openEmbeddedAuth } from './session/embedded/open.ts'
import type { Revoker } from './session/revocation/revoke.ts'
import { StartupError } from './errors/startup.ts'
import { SessionCache } from './session/cache.ts'
import type { Attempts } from './session/embedded/limits/rate-limit.ts'
import { createLookups, type Lookups } from './session/lookups/open.ts'
import type { SessionSource } from './session/port.ts'
import type { RemoteDeadlines } from './session/remote/client/client.ts'
import { RevocationBus, type BusMetrics } from './session/revocation/bus.ts'
import { createRevocationListener } from './session/revocation/listener.ts'
import type { RevocationLog } from './session/revocation/log.ts'
import { RedisLog } from './session/revocation/logs/redis.ts'
import { RevocationMarks } from './session/revocation/marks.ts'

export interface SessionOptions {
  readonly config: GatewayConfig
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  readonly metrics: BusMetrics
  /** Counts what Better Auth's rate limit counts. */
  readonly attempts: Attempts
  /** Read at every stream that begins, so that a reload changes it. */
  readonly streamsPerClient: () => number
  readonly wrapSource?: (source: SessionSource) => SessionSource
  /** How many sessions are held in memory at once, where not as usual. */
  readonly sessionsHeld?: number
  /** How long a Better Auth that runs elsewhere may keep us waiting, where not as usual. */
  readonly remoteDeadlines?: Partial<RemoteDeadlines>
}

/** How long a session may be believed from memory while others' revocations may be missed, milliseconds. */
const unsharedTtlMs = 5000
/** How often what is open is asked after meanwhile: with the time that the answers take, within as long. */
const recheckMs = 4000
/** How long a command waits until the log takes what it says, milliseconds. */
const commandPatienceMs = 5000

/**
 * Better Auth, what is remembered of its sessions, the connections that end with them, and the bus on which gateways tell each other of revocations.
 * The cache hears of revocations from Better Auth, and Better Auth is what it asks: that knot is tied here.
 */
export async function openSessions(options: SessionOptions) {
  const { config, clock, logger, metrics, attempts } = options
  const marks = new RevocationMarks({ keepMs: keepMsOf(config), now: clock.now })
  // What is said before everybody is there is said to nobody: nothing has been cached yet.
  const knot: Knot = { say: () => undefined, look: () => undefined }
  const auth = await openAuth(config, {
    logger,
    clock,
    attempts,
    deadlines: options.remoteDeadlines ?? {},
    ...endsOf(knot, clock),
  })
  const source = options.wrapSource?.(auth.source) ?? auth.source
  const ttlMs = config.auth.session.cacheMs
  const memory = {
    clock,
    ttlMs: () => (isUp() ? ttlMs : Math.min(ttlMs, unsharedTtlMs)),
  }
  const lookups = createLookups(auth, memory)
  const sessions: SessionCache = new SessionCache({
    source,
    ...memory,
    wasRevoked: (mark) => marks.wasRevoked(mark),
    ...(options.sessionsHeld === undefined ? {} : { max: options.sessionsHeld }),
  })
  const live = openLive(options, source, marks)
  const bus: RevocationBus = new RevocationBus({
    log: logFor(config, auth, clock),
    node: randomUUID(),
    hearers: [marks, sessions, lookups, liveHearer(live)],
    onState: () => {
      knot.look()
    },
    metrics,
    clock,
    logger,
  })
  const isUp = (): boolean => bus.isUp && auth.isHeard()
  const follow = followState(sessions, lookups, live)
  knot.say = (event) => {
    bus.say(event)
  }
  knot.look = () => {
    follow(isUp())
  }
  // A Better Auth elsewhere is silent until it has shown that it is not; the bus speaks up by itself.
  if (!auth.isHeard()) knot.look()
  return { auth, sessions, lookups, live, bus, marks, slide: slideFor(config, source, logger) }
}

/**
 * What an operator revokes with, without a gateway: the auth database, and the log on which gateways hear of it. Rejects with a `StartupError` where they could not.
 */
export async function openRevocations(
  config: GatewayConfig,
  { clock, logger, node }: { clock: Clock; logger: FastifyBaseLogger; node: string },
): Promise<{ readonly revoker: Revoker; readonly close: () => Promise<boolean> }> {
  if (config.auth.remote !== null) {
    throw new StartupError('auth.mode: remote: revoke at the Better Auth that runs elsewhere')
  }
  const knot: Knot = { say: () => undefined, look: () => undefined }
  const { listener } = endsOf(knot, clock)
  const auth = await openEmbeddedAuth(config, { clock, logger, listener })
  const log = logFor(config, auth, clock)
  if (log === null) throw new StartupError('auth.database: nobody else can have it in memory')
  const bus = new RevocationBus({
    log,
    node,
    hearers: [],
    onState: knot.look,
    metrics: uncounted,
    clock,
    logger,
  })
  await bus.open()
  knot.say = (event) => {
    bus.say(event)
  }
  const close = async (): Promise<boolean> => {
    const isShared = await bus.close(commandPatienceMs)
    await auth.close()
    return isShared
  }
  return { revoker: auth.revoker, close }
}

const uncounted: BusMetrics = {
  said: () => undefined,
  heard: () => undefined,
  state: () => undefined,
}

/** What Better Auth tells, and who does not exist yet when it is opened. */
interface Knot {
  say: RevocationBus['say']
  /** Looks anew whether all revocations are heard of. */
  look: () => void
}

function endsOf(knot: Knot, { now }: Clock): Pick<AuthParts, 'listener' | 'say' | 'onHeard'> {
  const say: RevocationBus['say'] = (event) => {
    knot.say(event)
  }
  const onHeard = (): void => {
    knot.look()
  }
  return { listener: createRevocationListener({ say }, digest, now), say, onHeard }
}

function openLive(
  { clock, streamsPerClient }: SessionOptions,
  source: SessionSource,
  marks: RevocationMarks,
): LiveRegistry {
  return new LiveRegistry({
    clock,
    perClient: streamsPerClient,
    wasRevoked: (sessionId, userId) =>
      marks.wasRevoked(sessionIdKey(sessionId)) || (userId !== null && marks.hasMark(userId)),
    recheck: (sessionId) => source.findById(sessionId),
  })
}

/** Something may have been missed: what is remembered is soon asked for anew, and what is open is asked after again and again until the bus is back. */
function followState(
  sessions: SessionCache,
  lookups: Lookups,
  live: LiveRegistry,
): (isUp: boolean) => void {
  let timer: NodeJS.Timeout | null = null
  const doubt = (): void => {
    sessions.doubt()
    lookups.doubt()
    live.recheckAll()
  }
  return (isUp) => {
    if (timer !== null) clearInterval(timer)
    timer = isUp
      ? null
      : setInterval(() => {
          live.recheckAll()
        }, recheckMs).unref()
    doubt()
  }
}

function logFor(
  config: GatewayConfig,
  auth: { readonly createLog: (keepMs: number) => RevocationLog | null },
  clock: Clock,
): RevocationLog | null {
  const keepMs = keepMsOf(config)
  if (config.redis === null) return auth.createLog(keepMs)
  const key = `sallyport:${new URL(config.server.publicUrl).host}:revocations`
  return new RedisLog({ url: config.redis.url, key, keepMs, now: clock.now })
}

/** No token lives longer; a while more, because clocks differ. */
function keepMsOf({ bearer }: GatewayConfig): number {
  return bearer.maxLifetimeMs + 60_000
}
