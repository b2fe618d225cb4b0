import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { GatewayConfig } from '../config/types.ts'
import { digest } from '../crypto/hs256.ts'
import { StartupError } from '../errors/startup.ts'
import type { Witness } from '../session/audit/witness.ts'
import type { AuthParts } from '../session/auth.ts'
import { openEmbeddedAuth } from '../session/embedded/open.ts'
import { RevocationBus, type BusMetrics } from '../session/revocation/bus.ts'
import { createRevocationListener } from '../session/revocation/listener.ts'
import type { RevocationLog } from '../session/revocation/log.ts'
import { RedisLog } from '../session/revocation/logs/redis.ts'
import type { Revoker } from '../session/revocation/revoke.ts'

/** How long a command waits until the log takes what it says, milliseconds. */
const commandPatienceMs = 5000

export interface RevocationParts {
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  /** Names this process. */
  readonly node: string
  readonly witness: Witness
}

/**
 * What an operator revokes with, without a gateway: the auth database, and the log on which gateways hear of it. Rejects with a `StartupError` where they could not.
 */
export async function openRevocations(
  config: GatewayConfig,
  { clock, logger, node, witness }: RevocationParts,
): Promise<{ readonly revoker: Revoker; readonly close: () => Promise<boolean> }> {
  if (config.auth.remote !== null) {
    throw new StartupError('auth.mode: remote: revoke at the Better Auth that runs elsewhere')
  }
  const knot = createKnot()
  const { listener } = endsOf(knot, clock)
  const auth = await openEmbeddedAuth(config, { clock, logger, listener, witness })
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

/** Who hears Better Auth, and does not exist yet when it is opened. What is said before is said to nobody: nothing has been cached yet. */
export interface Knot {
  say: RevocationBus['say']
  /** Looks anew whether all revocations are heard of. */
  look: () => void
}

export function createKnot(): Knot {
  return { say: () => undefined, look: () => undefined }
}

/** What Better Auth is opened with, so that it is heard at the other end of the knot. */
export function endsOf(
  knot: Knot,
  { now }: Clock,
): Pick<AuthParts, 'listener' | 'say' | 'onHeard'> {
  const say: RevocationBus['say'] = (event) => {
    knot.say(event)
  }
  const onHeard = (): void => {
    knot.look()
  }
  return { listener: createRevocationListener({ say }, digest, now), say, onHeard }
}

/** The log that the gateways of this installation share; null where there can be no other. */
export function logFor(
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
export function keepMsOf({ bearer }: GatewayConfig): number {
  return bearer.maxLifetimeMs + 60_000
}
