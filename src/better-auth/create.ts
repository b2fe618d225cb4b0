import type { DatabaseSync } from 'node:sqlite'
import { betterAuth, type BetterAuthOptions } from 'better-auth'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import type { GatewayConfig } from '../config/types.ts'
import { StartupError } from '../errors/startup.ts'
import type { RevocationListener } from '../session/port.ts'
import type { AuthModuleOptions } from './index.ts'
import { builtInHashing, limitHashing } from './limits/password.ts'
import { errorUrlOf, pinOptions } from './pinned.ts'
import { createGatewayPlugin } from './plugin.ts'
import { createRateLimitStore } from './limits/rate-limit.ts'

export interface AuthDeps {
  readonly config: GatewayConfig
  readonly database: DatabaseSync
  /** From `auth.module`, already checked; an empty object where there is none. */
  readonly userOptions: AuthModuleOptions
  readonly listener: RevocationListener
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
}

/** Better Auth as the rest of the gateway sees it. */
export type Auth = ReturnType<typeof betterAuth<BetterAuthOptions>>

/**
 * The whole of Better Auth's options: the user's, under ours, with our plugin last. The same for serving and for migrating,
 * so that every table a plugin needs is made.
 */
export function assembleOptions(deps: AuthDeps): BetterAuthOptions {
  const { config, userOptions, clock } = deps
  const pinned = pinOptions(config, deps.database, userOptions)
  const plugin = createGatewayPlugin({
    listener: deps.listener,
    clock,
    signUp: config.auth.signUp,
    errorUrl: errorUrlOf(config),
  })
  const hashing = { ...builtInHashing, ...userOptions.emailAndPassword?.password }
  return {
    ...pinned,
    plugins: [...(userOptions.plugins ?? []), plugin],
    emailAndPassword: {
      enabled: false,
      ...pinned.emailAndPassword,
      password: limitHashing(hashing),
    },
    rateLimit: { ...pinned.rateLimit, customStorage: createRateLimitStore(clock.monotonic) },
    logger: { level: 'warn', disableColors: true, log: toLog(deps.logger) },
  }
}

/**
 * Makes Better Auth and waits until it has started: pinned settings, the user's plugins, our hooks. Rejects with a
 * `StartupError` when Better Auth refuses the options, or takes trusted origins from its own environment variable. The
 * database must have its tables (`migrate`); that is not checked here.
 */
export async function createAuth(deps: AuthDeps): Promise<Auth> {
  const options = assembleOptions(deps)
  try {
    const auth = betterAuth(options)
    refuseForeignOrigins((await auth.$context).trustedOrigins, options)
    return auth
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new StartupError(`auth: Better Auth cannot start: ${(error as Error).message}`)
  }
}

/** Plugins may add origins, which stand in its options; a variable of the environment stands nowhere. */
function refuseForeignOrigins(origins: readonly string[], options: BetterAuthOptions): void {
  const known = new Set(Array.isArray(options.trustedOrigins) ? options.trustedOrigins : [])
  const foreign = origins.find((origin) => !known.has(origin))
  if (foreign === undefined) return
  throw new StartupError(
    `auth.trustedOrigins: ${foreign} comes from BETTER_AUTH_TRUSTED_ORIGINS, which is not read: list it here`,
  )
}

/**
 * Better Auth's log lines become ours. Its further arguments are dropped but for errors: they may hold whole rows. What it
 * calls an error without having one is an ordinary refusal, such as a wrong password.
 */
function toLog(logger: FastifyBaseLogger) {
  return (level: string, message: string, ...details: readonly unknown[]): void => {
    const error = details.find((detail) => detail instanceof Error)
    if (error !== undefined) logger[level === 'error' ? 'error' : 'warn']({ err: error }, message)
    else logger[level === 'error' || level === 'warn' ? 'warn' : 'info'](message)
  }
}
