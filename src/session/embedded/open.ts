import { betterAuth, type Auth, type BetterAuthOptions, type DBAdapter } from 'better-auth'
import { getAdapter } from 'better-auth/db/adapter'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { digest } from '../../crypto/hs256.ts'
import { StartupError } from '../../errors/startup.ts'
import type { Offers } from '../../pages/login/offers.ts'
import type { Witness } from '../audit/witness.ts'
import type { AddressOf, AskAuth } from '../mount.ts'
import { authCookieTest } from '../cookies.ts'
import type { ApiKeySource, RevocationListener, SessionSource, UserSource } from '../port.ts'
import type { RevocationLog } from '../revocation/log.ts'
import type { OpenTickets } from '../tickets/open.ts'
import { createRevoker, type Revoker, type RevokerParts } from '../revocation/revoke.ts'
import { createApiKeySource } from './api-keys/source.ts'
import type { Attempts } from './limits/rate-limit.ts'
import { offersOf } from './module/offers.ts'
import { mountBetterAuth, type MountOptions } from './mount.ts'
import { createResigner } from './secrets/resign.ts'
import { createEmbeddedSource } from './source.ts'
import { createUserSource } from './users.ts'
import { prepare, withoutTrace, type Prepared } from './prepare/prepare.ts'
import type { RedisStorage } from './redis/storage.ts'
import { openToLook } from './store/look.ts'
import { migrate } from './store/migrate.ts'
import type { AuthStore, Tables } from './store/port.ts'

export interface EmbeddedParts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly listener: RevocationListener
  /** Left out: this process counts for itself. */
  readonly attempts?: Attempts
  /** Sees what the audit log speaks of. Left out: nobody keeps one. */
  readonly witness?: Witness
}

/** A Better Auth that lives in this process. */
export interface EmbeddedAuth {
  readonly source: SessionSource
  readonly users: UserSource
  /** null: API keys are off. */
  readonly apiKeys: ApiKeySource | null
  /** Mounts it at `auth.path`; `addressOf` tells a client's address. Returns how it is asked for a form of ours. */
  readonly register: (app: FastifyInstance, addressOf: AddressOf) => AskAuth
  /** What people can do on the built-in page. */
  readonly offers: Offers
  /** Whether what it keeps its sessions in has ever answered. */
  readonly isReady: () => Promise<boolean>
  /** Whether it answers now. */
  readonly isStoreUp: () => Promise<boolean>
  /** The log that gateways with the same database share; null where there can be no other. `keepMs` in milliseconds. */
  readonly createLog: (keepMs: number) => RevocationLog | null
  readonly createTickets: () => OpenTickets
  readonly revoker: Revoker
  readonly hashing: Prepared['hashing']
  readonly close: () => Promise<void>
}

/**
 * Opens the embedded Better Auth: its database, the user's options, its schema brought up to date while no other process
 * does the same. Rejects with a `StartupError` of one sentence.
 */
export async function openEmbeddedAuth(
  config: GatewayConfig,
  parts: EmbeddedParts,
): Promise<EmbeddedAuth> {
  const prepared = await prepare(config, parts)
  const { options, store, sessions, hashing, close } = prepared
  const auth = await start(store, options, parts.logger).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const context = await auth.$context
  const reader = await getAdapter({ ...context.options, database: store.reader })
  const guarded = guard(prepared)
  const { now } = parts.clock
  const resign = createResigner(config.auth.secrets, authCookieTest(config))
  const kept = { guard: guarded, sessions }
  const seen = { witness: parts.witness ?? null }
  const source = createEmbeddedSource(auth, reader, config.auth.session, now, kept)
  const users = createUserSource(reader, now)
  return {
    source: { ...source, refresh: (cookieHeader) => source.refresh(resign(cookieHeader)) },
    users,
    apiKeys: config.bearer.apiKeys
      ? createApiKeySource({ auth, reader, ...users, guard: guarded, digest, now })
      : null,
    register: (app, addressOf) => {
      const handler = (request: Request) =>
        guarded(() => auth.handler(withCookies(request, resign)))
      return mountBetterAuth(app, { ...placeOf(config), addressOf, handler, ...seen })
    },
    offers: offersOf(config, context),
    ...readiness(store, sessions),
    createLog: (keepMs) => store.createLog(keepMs, parts.clock.now),
    createTickets: () => store.createTickets(parts.clock.now),
    revoker: createRevoker(context, revokerParts(reader, sessions), parts.listener),
    hashing,
    close,
  }
}

/** An outage takes no gateway out of service: all of them would go at once, with what still works (ADR 0021). */
function readiness(
  store: Pick<AuthStore, 'isAlive'>,
  sessions: Pick<AuthStore, 'isAlive'> | null,
): Pick<EmbeddedAuth, 'isReady' | 'isStoreUp'> {
  const isStoreUp = async (): Promise<boolean> =>
    (await store.isAlive()) && (sessions === null || (await sessions.isAlive()))
  let hasAnswered = false
  return { isStoreUp, isReady: async () => (hasAnswered ||= await isStoreUp()) }
}

function placeOf({ auth, server }: GatewayConfig): Pick<MountOptions, 'path' | 'publicUrl'> {
  return { path: auth.path, publicUrl: server.publicUrl }
}

/** The request with its cookies as `rewrite` has them. */
function withCookies(request: Request, rewrite: (cookieHeader: string) => string): Request {
  const cookies = request.headers.get('cookie')
  if (cookies !== null) request.headers.set('cookie', rewrite(cookies))
  return request
}

function revokerParts(
  reader: Pick<DBAdapter, 'findOne'>,
  sessions: RedisStorage | null,
): RevokerParts {
  const clear = sessions === null ? null : (): Promise<void> => sessions.clear()
  return { tokenOf: tokenFinder(reader, sessions), clearStorage: clear }
}

function tokenFinder(
  reader: Pick<DBAdapter, 'findOne'>,
  sessions: RedisStorage | null,
): (sessionId: string) => Promise<string | null> {
  return async (value) => {
    if (sessions !== null) return (await sessions.findById(value))?.token ?? null
    const where = [{ field: 'id', value }]
    const row = await reader.findOne<{ readonly token: string }>({ model: 'session', where })
    return row?.token ?? null
  }
}

/**
 * Runs a piece of Better Auth's work. Rejects with the code `SALLYPORT_SESSION_STORE` when what it keeps its tables in failed meanwhile, whatever came out: to
 * some of its endpoints a failed read looks like "not signed in", and a failed sign-out like a done one.
 */
function guard({ store, watch }: Prepared): <T>(work: () => Promise<T>) => Promise<T> {
  return (work) =>
    watch.during(async () => {
      const result = await work()
      store.confirm()
      return result
    })
}

async function start(
  store: AuthStore,
  options: BetterAuthOptions,
  logger: FastifyBaseLogger,
): Promise<Auth> {
  const { created } = await migrate(store, options, { dryRun: false })
  if (created.length > 0) logger.info({ created }, 'auth database migrated')
  const auth = betterAuth(options)
  const context = await auth.$context.catch((error: unknown) => {
    const [reason] = (error as Error).message.split('\n')
    throw new StartupError(`auth: Better Auth cannot start: ${reason ?? 'unknown'}`)
  })
  refuseForeignOrigins(context)
  return auth
}

/**
 * Better Auth also believes a variable of the environment, which nobody would find in the YAML. Origins that a plugin adds
 * are in its options, as ours are.
 */
function refuseForeignOrigins(context: Awaited<Auth['$context']>): void {
  const { trustedOrigins: known } = context.options
  const foreign = context.trustedOrigins.find(
    (origin) => !Array.isArray(known) || !known.includes(origin),
  )
  if (foreign === undefined) return
  throw new StartupError(
    `auth.trustedOrigins: ${foreign} comes from BETTER_AUTH_TRUSTED_ORIGINS, which is not read: say it here instead`,
  )
}

/** Brings the schema up to date, or with `dryRun` says what that would take. */
export async function migrateDatabase(
  config: GatewayConfig,
  parts: EmbeddedParts & { readonly dryRun: boolean },
): Promise<Tables> {
  const looked = parts.dryRun ? withoutTrace(config) : config
  const { options, store, close } = await prepare(looked, parts)
  try {
    return await migrate(store, options, parts)
  } finally {
    await close()
  }
}

/**
 * Says what the schema lacks, and leaves no trace. Rejects with a `StartupError` of one sentence. An SQLite file must be there.
 * @returns tables, and columns as `table.column`
 */
export async function missingInDatabase(
  config: GatewayConfig,
  parts: EmbeddedParts,
): Promise<readonly string[]> {
  const { options, store, close } = await prepare(config, parts, openToLook)
  try {
    return (await migrate(store, options, { dryRun: true })).created
  } finally {
    await close()
  }
}
