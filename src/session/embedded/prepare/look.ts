import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { betterAuth } from 'better-auth'
import { getAdapter } from 'better-auth/db/adapter'
import type { Pool } from 'pg'
import type { GatewayConfig } from '../../../config/types.ts'
import { digest } from '../../../crypto/hs256.ts'
import { StartupError } from '../../../errors/startup.ts'
import type { ApiKeySource, SessionSource, UserSource } from '../../port.ts'
import { readKeptLines, redisPlace, type LogPlace } from '../../revocation/logs/kept.ts'
import { createApiKeyLook } from '../api-keys/source.ts'
import type { EmbeddedParts } from '../open.ts'
import { createEmbeddedSource } from '../source.ts'
import { openToLook } from '../store/look.ts'
import { createUserSource } from '../users.ts'
import { prepare } from './prepare.ts'

/** A Better Auth of our own, as somebody sees it who only looks. */
export interface LookedAtAuth {
  readonly source: Pick<SessionSource, 'findByToken' | 'findById'>
  readonly users: UserSource
  readonly apiKeys: ApiKeySource
  /** The lines of the revocation log since a time, milliseconds since the epoch. */
  readonly linesSince: (sinceMs: number) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/**
 * Opens the auth database for reading: nothing is created, migrated or written, and a gateway may have it open. Sessions, users and keys
 * are asked for by the code that a gateway asks with. Rejects with a `StartupError` of one sentence.
 */
export async function lookIntoAuth(
  config: GatewayConfig,
  parts: EmbeddedParts,
): Promise<LookedAtAuth> {
  const { database } = config.auth
  if (database.kind === 'sqlite' && !existsSync(database.file)) {
    throw new StartupError(`auth.database: there is no ${database.file} yet`)
  }
  const { options, store, sessions, close } = await prepare(config, parts, openToLook)
  const auth = betterAuth(options)
  const context = await auth.$context
  const reader = await getAdapter({ ...context.options, database: store.reader })
  const { now } = parts.clock
  const users = createUserSource(reader, now)
  const kept = { guard: <T>(work: () => Promise<T>) => work(), sessions }
  return {
    source: createEmbeddedSource(auth, reader, config.auth.session, now, kept),
    users,
    apiKeys: createApiKeyLook({ reader, ...users, digest, now }),
    linesSince: (sinceMs) => readKeptLines(placeOf(config, store.reader), sinceMs),
    close,
  }
}

function placeOf(config: GatewayConfig, reader: DatabaseSync | Pool): LogPlace {
  const shared = redisPlace(config)
  if (shared !== null) return shared
  return config.auth.database.kind === 'sqlite'
    ? { kind: 'sqlite', database: reader as DatabaseSync }
    : { kind: 'postgres', pool: reader as Pool }
}
