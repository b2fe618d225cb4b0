import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { slideFor } from '../assemble.ts'
import { sessionIdKey } from '../authn/sessions.ts'
import type { Clock } from '../clock.ts'
import { digest } from '../crypto/hs256.ts'
import type { GatewayConfig } from '../config/types.ts'
import { liveHearer } from '../live/hearer.ts'
import { LiveRegistry } from '../live/registry.ts'
import type { Audit } from '../ops/audit/trail.ts'
import { Witness } from '../session/audit/witness.ts'
import { openAuth } from '../session/auth.ts'
import { SessionCache } from '../session/cache.ts'
import type { Attempts } from '../session/embedded/limits/rate-limit.ts'
import { createLookups, type Lookups, type LookupSources } from '../session/lookups/open.ts'
import type { SessionSource } from '../session/port.ts'
import { createSessionHearer } from '../session/remote/application.ts'
import type { RemoteDeadlines } from '../session/remote/client/client.ts'
import { RevocationBus, type BusMetrics } from '../session/revocation/bus.ts'
import { RevocationMarks } from '../session/revocation/marks.ts'
import { createKnot, endsOf, keepMsOf, logFor, type Knot } from './revocations.ts'

export interface SessionOptions {
  readonly config: GatewayConfig
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  readonly metrics: BusMetrics
  readonly audit: Audit
  /** Counts what Better Auth's rate limit counts. */
  readonly attempts: Attempts
  /** Read at every stream that begins, so that a reload changes it. */
  readonly streamsPerClient: () => number
  readonly wrapSource?: (source: SessionSource) => SessionSource
  readonly wrapLookups?: (sources: LookupSources) => LookupSources
  /** How many sessions are held in memory at once, where not as usual. */
  readonly sessionsHeld?: number
  /** How long a Better Auth that runs elsewhere may keep us waiting, where not as usual. */
  readonly remoteDeadlines?: Partial<RemoteDeadlines>
}

/** How long a session may be believed from memory while others' revocations may be missed, milliseconds. */
const unsharedTtlMs = 5000
/** How often what is open is asked after meanwhile: with the time that the answers take, within as long. */
const recheckMs = 4000

/**
 * Better Auth, what is remembered of its sessions, the connections that end with them, and the bus on which gateways tell each other of revocations.
 * The cache hears of revocations from Better Auth, and Better Auth is what it asks: that knot is tied here.
 */
export async function openSessions(options: SessionOptions) {
  const { config, clock, logger, metrics } = options
  const marks = new RevocationMarks({ keepMs: keepMsOf(config), now: clock.now })
  const knot = createKnot()
  const witness = new Witness(options.audit)
  const auth = await openAuthFor(options, knot, witness)
  const source = options.wrapSource?.(auth.source) ?? auth.source
  const isUp = (): boolean => bus.isUp && auth.isHeard()
  const { sessions, lookups } = openMemory(options, { auth, source, marks, isUp })
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
  const follow = followState(sessions, lookups, live)
  knot.say = (event) => {
    bus.say(event)
  }
  knot.look = () => {
    follow(isUp())
  }
  // A Better Auth elsewhere is silent until it has shown that it is not; the bus speaks up by itself.
  if (!auth.isHeard()) knot.look()
  const slide = slideFor(config, source, logger)
  const onSession = createSessionHearer({ say: knot.say, audit: options.audit, digest })
  return { auth, sessions, lookups, live, bus, marks, slide, witness, onSession }
}

type Auth = Awaited<ReturnType<typeof openAuth>>

function openAuthFor(
  { config, clock, logger, attempts, audit, remoteDeadlines }: SessionOptions,
  knot: Knot,
  witness: Witness,
): Promise<Auth> {
  return openAuth(config, {
    logger,
    clock,
    attempts,
    audit,
    witness,
    deadlines: remoteDeadlines ?? {},
    ...endsOf(knot, clock),
  })
}

/** What is remembered, for as long as revocations are heard of or for a shorter time. */
function openMemory(
  { config, clock, sessionsHeld, wrapLookups }: SessionOptions,
  parts: {
    readonly auth: Auth
    readonly source: SessionSource
    readonly marks: RevocationMarks
    readonly isUp: () => boolean
  },
): { readonly sessions: SessionCache; readonly lookups: Lookups } {
  const { auth, source, marks, isUp } = parts
  const usualMs = config.auth.session.cacheMs
  const memory = { clock, ttlMs: () => (isUp() ? usualMs : Math.min(usualMs, unsharedTtlMs)) }
  const sessions = new SessionCache({
    source,
    ...memory,
    wasRevoked: (mark) => marks.wasRevoked(mark),
    ...(sessionsHeld === undefined ? {} : { max: sessionsHeld }),
  })
  return { sessions, lookups: createLookups(wrapLookups?.(auth) ?? auth, memory) }
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
