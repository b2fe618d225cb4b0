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
import { readKeptLines, redisPlace } from '../../session/revocation/logs/kept.ts'
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
  /** What could not be looked up so far, and why: each a sentence. Empty: nothing was missing. */
  readonly missing: readonly string[]
  readonly close: () => Promise<void>
}

interface AuthSources {
  readonly source: Pick<SessionSource, 'findByToken' | 'findById'>
  readonly users: UserSource
  readonly apiKeys: ApiKeySource
  readonly close: () => Promise<void>
}

/**
 * Opens what real credentials are looked up in: the auth database, for reading only, or the Better Auth elsewhere; the log of revocations; the keys of issuers. What
 * cannot be reached is told in the way in which a gateway tells it: nobody can know who is calling.
 */
export async function online(
  config: GatewayConfig,
  parts: { readonly clock: Clock; readonly logger: FastifyBaseLogger },
): Promise<Online> {
  const { clock, logger } = parts
  const issuers = new KeySets(clock, logger)
  const missing = new Set<string>()
  const miss = (error: unknown): void => {
    // The first reason is the reason of what follows.
    const isKnown = [...missing].some((each) => each.startsWith(notLookedUp))
    if (!isKnown) missing.add(`${notLookedUp}: ${sentenceOf(error)}`)
  }
  const fail = (error: unknown): never => {
    miss(error)
    throw error
  }
  const marks = new RevocationMarks({ keepMs: keepMsOf(config), now: clock.now })
  const opened = await open(config, parts, marks).catch((error: unknown) => {
    miss(error)
    return unreachable()
  })
  const deps = createDry(config, {
    ...toDryParts(opened, marks, fail),
    issuers: { of: (each) => watchKeys(each, issuers.of(each), missing) },
    marks,
    clock,
  })
  return {
    deps,
    get missing() {
      return [...missing]
    },
    close: async () => {
      await issuers.close()
      await opened.close()
    },
  }
}

const notLookedUp = 'sessions, users and keys cannot be looked up'

function sentenceOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown'
}

/** The same keys; an issuer that does not tell them is noted. */
function watchKeys(
  issuers: GatewayConfig['bearer']['jwks'],
  keys: ReturnType<KeySets['of']>,
  missing: Set<string>,
): ReturnType<KeySets['of']> {
  return keys.map((each, index) => ({
    peek: (...given) => each.peek(...given),
    find: (...given) =>
      each.find(...given).catch((error: unknown) => {
        missing.add(`the keys of ${issuers[index]?.issuer ?? ''} cannot be had`)
        throw error
      }),
  }))
}

function toDryParts(
  { source, users, apiKeys }: AuthSources,
  marks: RevocationMarks,
  fail: (error: unknown) => never,
): Pick<DryParts, 'sessions' | 'users' | 'apiKeys'> {
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
  }
}

async function open(
  config: GatewayConfig,
  { clock, logger }: { readonly clock: Clock; readonly logger: FastifyBaseLogger },
  marks: RevocationMarks,
): Promise<AuthSources> {
  const since = clock.now() - keepMsOf(config)
  const { remote } = config.auth
  if (remote !== null) {
    const shared = redisPlace(config)
    if (shared !== null) hear(await readKeptLines(shared, since), marks)
    const ignore = (): void => undefined
    const auth = openRemoteAuth(config, remote, { logger, clock, say: ignore, onPushState: ignore })
    return { ...unreachable(), source: auth.source, close: auth.close }
  }
  const auth = await lookIntoAuth(config, { clock, logger, listener: deaf })
  try {
    hear(await auth.linesSince(since), marks)
  } catch (error) {
    await auth.close()
    throw error
  }
  return auth
}

function hear(lines: readonly string[], marks: RevocationMarks): void {
  for (const line of lines) {
    const logged = parseLogged(line)
    if (logged !== null) marks.heard(logged.event, logged.atMs)
  }
}

/** Where nobody can be asked. */
function unreachable(): AuthSources {
  const reject = (): Promise<never> => Promise.reject(new Error('nobody can be asked'))
  return {
    source: { findByToken: reject, findById: reject },
    users: { findUser: reject },
    apiKeys: { verify: reject },
    close: () => Promise.resolve(),
  }
}
