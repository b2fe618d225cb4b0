import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { createDry, type DryParts } from '../../assemble/dry.ts'
import { keepMsOf } from '../../assemble/revocations.ts'
import { nobody, presentCaller } from '../../explain/caller/present.ts'
import type { MadeUpCaller } from '../../explain/caller/caller.ts'
import type { ExplainDeps } from '../../explain/request.ts'
import type { HeaderLine } from '../../explain/explanation.ts'
import { KeySets } from '../../issuers/key-sets.ts'
import { deaf, type ApiKeySource, type SessionSource, type UserSource } from '../../session/port.ts'
import { lookIntoAuth } from '../../session/embedded/prepare/look.ts'
import { openRemoteAuth } from '../../session/remote/open.ts'
import { parseLogged } from '../../session/revocation/event.ts'
import { RevocationMarks } from '../../session/revocation/marks.ts'

const nothingRevoked = { isRevoked: () => false }
const noIssuers = { of: () => [] }

/** What a configuration decides about a made-up caller, or about nobody. Offline: nothing is opened or asked, and no time passes. */
export function offline(
  config: GatewayConfig,
  caller: MadeUpCaller | null,
  clock: Clock,
): { readonly deps: ExplainDeps; readonly headers: readonly HeaderLine[] } {
  const nowMs = clock.now()
  const { headers, sources } = caller === null ? nobody : presentCaller(caller, config, nowMs)
  const still = { ...clock, now: () => nowMs }
  const parts = { ...sources, marks: nothingRevoked, issuers: noIssuers, clock: still }
  return { deps: createDry(config, parts), headers }
}

/** What a configuration decides about real credentials. */
export interface Online {
  readonly deps: ExplainDeps
  /** Why sessions, keys and users cannot be looked up, in a sentence; null: they can. */
  readonly unreachable: string | null
  readonly close: () => Promise<void>
}

interface AuthSources {
  readonly source: Pick<SessionSource, 'findByToken' | 'findById'>
  readonly users: UserSource
  readonly apiKeys: ApiKeySource
  readonly marks: RevocationMarks
  readonly close: () => Promise<void>
}

/**
 * Opens what real credentials are looked up in: the auth database, for reading only, or the Better Auth elsewhere. What cannot be reached is told in the way in
 * which a gateway tells it: nobody can know who is calling.
 */
export async function online(
  config: GatewayConfig,
  parts: { readonly clock: Clock; readonly logger: FastifyBaseLogger },
): Promise<Online> {
  const { clock, logger } = parts
  const issuers = new KeySets(clock, logger)
  const failed: { message: string | null } = { message: null }
  const fail = (error: unknown): never => {
    failed.message ??= error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown'
    throw error
  }
  const opened = await open(config, parts).catch((error: unknown) => {
    failed.message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown'
    return unreachable(clock, keepMsOf(config))
  })
  const deps = createDry(config, { ...toDryParts(opened, fail), issuers, clock })
  return {
    deps,
    get unreachable() {
      return failed.message
    },
    close: async () => {
      await issuers.close()
      await opened.close()
    },
  }
}

function toDryParts(
  { source, users, apiKeys, marks }: AuthSources,
  fail: (error: unknown) => never,
): Pick<DryParts, 'sessions' | 'users' | 'apiKeys' | 'marks'> {
  return {
    sessions: {
      peek: () => undefined,
      findByToken: (_key, token, proof) => source.findByToken(token, proof).catch(fail),
      findById: (_key, id, proof) => source.findById(id, proof).catch(fail),
      wasRevoked: (mark) => marks.wasRevoked(mark),
    },
    users: { peek: () => undefined, find: (id) => users.findUser(id).catch(fail) },
    apiKeys: {
      peek: () => undefined,
      find: async (_key, apiKey) => (await apiKeys.verify(apiKey).catch(fail)).answer,
    },
    marks,
  }
}

async function open(
  config: GatewayConfig,
  { clock, logger }: { readonly clock: Clock; readonly logger: FastifyBaseLogger },
): Promise<AuthSources> {
  const keepMs = keepMsOf(config)
  const marks = new RevocationMarks({ keepMs, now: clock.now })
  const { remote } = config.auth
  if (remote !== null) {
    const ignore = (): void => undefined
    const auth = openRemoteAuth(config, remote, { logger, clock, say: ignore, onPushState: ignore })
    return { ...unreachable(clock, keepMs), source: auth.source, close: auth.close }
  }
  const auth = await lookIntoAuth(config, { clock, logger, listener: deaf })
  try {
    for (const line of await auth.linesSince(clock.now() - keepMs)) {
      const logged = parseLogged(line)
      if (logged !== null) marks.heard(logged.event, logged.atMs)
    }
  } catch (error) {
    await auth.close()
    throw error
  }
  return { ...auth, marks }
}

/** Where nobody can be asked. */
function unreachable(clock: Clock, keepMs: number): AuthSources {
  const reject = (): Promise<never> => Promise.reject(new Error('nobody can be asked'))
  return {
    source: { findByToken: reject, findById: reject },
    users: { findUser: reject },
    apiKeys: { verify: reject },
    marks: new RevocationMarks({ keepMs, now: clock.now }),
    close: () => Promise.resolve(),
  }
}
