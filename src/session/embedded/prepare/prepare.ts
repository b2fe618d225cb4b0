import { existsSync } from 'node:fs'
import type { BetterAuthOptions } from 'better-auth'
import type { GatewayConfig } from '../../../config/types.ts'
import { heardBy } from '../../audit/witness.ts'
import type { RevocationListener } from '../../port.ts'
import { createApiKeyPlugins } from '../api-keys/plugin.ts'
import { createRehash } from '../hashes/rehash.ts'
import { createPasswordHashing, isOurs, type ClosableHasher } from '../limits/password.ts'
import { localAttempts } from '../limits/rate-limit.ts'
import { refuseUnusableFields } from '../module/fields.ts'
import { loadAuthModule } from '../module/load.ts'
import type { EmbeddedParts } from '../open.ts'
import { Background } from './background.ts'
import { toBetterAuthOptions } from '../options.ts'
import { createGatewayPlugin } from '../plugin.ts'
import { RedisStorage } from '../redis/storage.ts'
import { openStore } from '../store/open.ts'
import type { AuthStore } from '../store/port.ts'
import { FailureWatch } from '../store/watch.ts'

/** What a Better Auth is made of; nothing of it has been migrated. */
export interface Prepared {
  readonly options: BetterAuthOptions
  readonly store: AuthStore
  /** Where sessions are kept instead, or null. */
  readonly sessions: RedisStorage | null
  readonly watch: FailureWatch
  /** What was imported is verified: the user's module hashes in no way of its own. */
  readonly verifiesImported: boolean
  /** How many passwords are hashed, and how many wait for it. */
  readonly hashing: ClosableHasher['pressure']
  readonly close: () => Promise<void>
}

/**
 * Opens the database and whatever else the options need. Rejects with a `StartupError` of one sentence.
 * @param open how the database is opened
 */
export async function prepare(
  config: GatewayConfig,
  parts: EmbeddedParts,
  open: typeof openStore = openStore,
): Promise<Prepared> {
  const { logger, clock, attempts = localAttempts(clock.monotonic), witness = null } = parts
  const listener = witness === null ? parts.listener : heardBy(witness, parts.listener)
  const user = await withApiKeys(config, await loadAuthModule(config.auth.module), listener)
  refuseUnusableFields(user, config.identity)
  const watch = new FailureWatch()
  const store = await open(config.auth.database, watch)
  const sessions = openSessionStorage(config, { listener, clock }, watch)
  const own = user.emailAndPassword?.password
  const password = createPasswordHashing(own)
  const background = new Background()
  const rehash = createRehash({ logger, apart: (work) => watch.during(work) })
  const options = toBetterAuthOptions(config, {
    database: store.database,
    secondaryStorage: sessions,
    user,
    plugin: createGatewayPlugin(listener, config.auth.signUp, clock.now, {
      afterSignIn: isOurs(own) ? rehash : null,
      witness,
    }),
    attempts,
    password,
    logger,
    later: background.run,
  })
  return {
    ...{ options, store, sessions, watch, hashing: password.pressure },
    verifiesImported: own?.verify === undefined,
    close: async () => {
      await background.close()
      password.close()
      sessions?.close()
      await store.close()
    },
  }
}

/** Looking must leave no trace: where there is no database yet, an empty one is looked at instead. */
export function withoutTrace(config: GatewayConfig): GatewayConfig {
  const { database } = config.auth
  if (database.kind !== 'sqlite' || existsSync(database.file)) return config
  return { ...config, auth: { ...config.auth, database: { kind: 'sqlite', file: ':memory:' } } }
}

async function withApiKeys(
  { bearer }: GatewayConfig,
  user: BetterAuthOptions,
  listener: RevocationListener,
): Promise<BetterAuthOptions> {
  if (!bearer.apiKeys) return user
  return {
    ...user,
    plugins: [...(user.plugins ?? []), ...(await createApiKeyPlugins(user, listener))],
  }
}

function openSessionStorage(
  { auth, redis, server }: GatewayConfig,
  { listener, clock }: Pick<EmbeddedParts, 'listener' | 'clock'>,
  watch: FailureWatch,
): RedisStorage | null {
  if (redis === null || auth.session.store === 'database') return null
  return new RedisStorage({
    url: redis.url,
    prefix: `sallyport:${new URL(server.publicUrl).host}:auth:`,
    watch,
    listener,
    now: clock.now,
  })
}
