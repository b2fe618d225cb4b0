import type { BetterAuthOptions, BetterAuthPlugin } from 'better-auth'
import type { FastifyBaseLogger } from 'fastify'
import type { GatewayConfig } from '../../config/types.ts'
import { cookiePrefix } from '../cookies.ts'
import type { PasswordHasher } from './limits/password.ts'
import type { Database } from './store/port.ts'
import { createRateLimitStore, type Attempts } from './limits/rate-limit.ts'
import { versionSecrets } from './secrets/versions.ts'

/** The header in which the adapter, and nobody else, tells Better Auth the client's address. */
export const clientIpHeader = 'x-sallyport-client-ip'

export interface OptionParts {
  readonly database: Database
  /** Where sessions and codes are kept instead of in the database; null: nowhere else. */
  readonly secondaryStorage: BetterAuthOptions['secondaryStorage'] | null
  /** What `auth.module` exports; has been checked for keys that are ours. */
  readonly user: BetterAuthOptions
  readonly plugin: BetterAuthPlugin
  readonly logger: FastifyBaseLogger
  /** Counts what its rate limit counts. */
  readonly attempts: Attempts
  readonly password: PasswordHasher
  /** Takes work that nobody waits for. */
  readonly later: (work: Promise<unknown>) => void
}

/**
 * The options of the embedded Better Auth: the user's, with everything on which the gateway's promises rest put on top.
 * The cookie cache is off because a session that lives in a cookie cannot be revoked; the origin is fixed because one that
 * is taken from a request can be chosen by its sender.
 */
export function toBetterAuthOptions(config: GatewayConfig, parts: OptionParts): BetterAuthOptions {
  const { auth, server } = config
  const { user } = parts
  return {
    ...user,
    baseURL: server.publicUrl,
    basePath: auth.path,
    // For what was encrypted when there were no numbers yet; everything else goes by the list.
    secret: auth.secrets.at(-1) ?? '',
    // Without these two Better Auth would read `BETTER_AUTH_SECRETS` and `BETTER_AUTH_TELEMETRY` from the environment.
    secrets: versionSecrets(auth.secrets),
    telemetry: { enabled: false },
    database: parts.database,
    user: { ...user.user, additionalFields: additionalFieldsOf(user) },
    ...(parts.secondaryStorage ? { secondaryStorage: parts.secondaryStorage } : {}),
    trustedOrigins: [server.publicUrl, ...auth.trustedOrigins],
    emailAndPassword: {
      ...user.emailAndPassword,
      enabled: auth.signIn.email,
      revokeSessionsOnPasswordReset: true,
      password: parts.password,
    },
    socialProviders: { ...user.socialProviders, ...auth.signIn.social },
    session: {
      ...user.session,
      expiresIn: auth.session.lifetimeMs / 1000,
      updateAge: auth.session.refreshAfterMs / 1000,
      cookieCache: { enabled: false },
    },
    rateLimit: rateLimitOf(user, parts.attempts),
    advanced: advancedOf(config, parts),
    onAPIError: onErrorOf(config, user),
    plugins: [...(user.plugins ?? []), parts.plugin],
    logger: loggerOf(parts.logger),
  }
}

/**
 * The fields that every user has besides Better Auth's own: FastAPI may know its users by `externalId`, so that nobody may
 * choose theirs, and no two have the same.
 */
function additionalFieldsOf(
  user: BetterAuthOptions,
): NonNullable<NonNullable<BetterAuthOptions['user']>['additionalFields']> {
  const theirs = user.user?.additionalFields
  return {
    ...theirs,
    externalId: {
      returned: false,
      ...theirs?.['externalId'],
      type: 'string',
      required: false,
      unique: true,
      input: false,
    },
  }
}

function rateLimitOf(
  user: BetterAuthOptions,
  attempts: Attempts,
): NonNullable<BetterAuthOptions['rateLimit']> {
  return {
    ...user.rateLimit,
    enabled: true,
    customStorage: createRateLimitStore(attempts),
    // Pages ask for the session on every focus; the library's general limit of ten a second is soon reached.
    customRules: { '/get-session': { window: 10, max: 1000 }, ...user.rateLimit?.customRules },
  }
}

function onErrorOf(
  { auth, server }: GatewayConfig,
  user: BetterAuthOptions,
): NonNullable<BetterAuthOptions['onAPIError']> {
  return {
    // Where Better Auth sends a browser whose provider, or whose sign-up, did not work out.
    errorURL: new URL(auth.loginPage, server.publicUrl).href,
    ...user.onAPIError,
    // What is no answer of Better Auth's is ours to answer: 503.
    throw: true,
  }
}

function advancedOf(
  config: GatewayConfig,
  { user, later }: OptionParts,
): NonNullable<BetterAuthOptions['advanced']> {
  const isSecure = config.server.publicUrl.startsWith('https:')
  return {
    backgroundTasks: { handler: later },
    ...user.advanced,
    // The library's own switch would add `__Secure-`; the prefix carries `__Host-` instead, which asks for Secure, Path=/
    // and no Domain.
    useSecureCookies: false,
    cookiePrefix: cookiePrefix(config.server.publicUrl),
    defaultCookieAttributes: { secure: isSecure, httpOnly: true, sameSite: 'lax', path: '/' },
    ipAddress: { ipAddressHeaders: [clientIpHeader] },
    database: { ...user.advanced?.database, generateId: 'uuid' },
    // Better Auth turns its origin check off by itself where NODE_ENV or TEST says test.
    disableCSRFCheck: false,
    disableOriginCheck: false,
  }
}

/**
 * Better Auth's log lines in ours. Its arguments may hold whole rows, so that only messages and errors are kept. What it
 * calls an error without having one is an ordinary refusal, such as a wrong password.
 */
function loggerOf(logger: FastifyBaseLogger): NonNullable<BetterAuthOptions['logger']> {
  return {
    level: 'warn',
    log: (level, message, ...details) => {
      const err = details.find(isFailure)
      const context = { source: 'better-auth', ...(err ? { err: bare(err) } : {}) }
      if (level === 'error' && err !== undefined) logger.error(context, message)
      else logger.warn(context, message)
    },
  }
}

/** Only what every error has: some of Better Auth's carry along what the client sent, an OAuth state for example. */
function bare({ name, message, stack, cause, ...more }: Error): Error {
  const { code } = more as { readonly code?: unknown }
  const copy = new Error(message, cause instanceof Error ? { cause: bare(cause) } : {})
  return Object.assign(copy, { name, stack, ...(typeof code === 'string' ? { code } : {}) })
}

/** What Better Auth answers a client with is no failure: that a key is used up, for example. */
function isFailure(detail: unknown): detail is Error {
  if (!(detail instanceof Error)) return false
  const { statusCode } = detail as { readonly statusCode?: unknown }
  return typeof statusCode !== 'number' || statusCode >= 500
}
