import type { BetterAuthOptions } from 'better-auth'
import type { DatabaseSync } from 'node:sqlite'
import type { GatewayConfig } from '../config/types.ts'
import { StartupError } from '../errors/startup.ts'
import { cookiePrefix } from '../session/cookies.ts'
import type { AuthModuleOptions } from './index.ts'

/** The header in which the mount tells Better Auth the client's address. Nothing else sets it, and none comes in. */
export const clientIpHeader = 'x-sallyport-client-ip'

/** `/get-session` is asked on every page and every focus of a tab; what it costs is one indexed read. */
const sessionReadLimit = { window: 10, max: 1000 }

/**
 * The user's options under the gateway's: the gateway's win wherever both speak. Throws a `StartupError` when a social
 * provider is configured in both. The rest of what a module may not set was refused by `loadAuthModule`.
 */
export function pinOptions(
  config: GatewayConfig,
  database: DatabaseSync,
  user: AuthModuleOptions,
): BetterAuthOptions {
  const { auth, server } = config
  return {
    ...user,
    baseURL: server.publicUrl,
    basePath: auth.path,
    secret: auth.secret,
    // Without this list Better Auth would take one from its own environment variable.
    secrets: [{ version: 1, value: auth.secret }],
    database,
    trustedOrigins: [server.publicUrl, ...auth.trustedOrigins],
    telemetry: { enabled: false },
    session: {
      ...user.session,
      expiresIn: seconds(auth.session.lifetimeMs),
      updateAge: seconds(auth.session.refreshAfterMs),
      cookieCache: { enabled: false },
    },
    emailAndPassword: pinEmail(config, user),
    socialProviders: mergeProviders(config, user),
    rateLimit: {
      ...user.rateLimit,
      enabled: true,
      customRules: { '/get-session': sessionReadLimit, ...user.rateLimit?.customRules },
    },
    advanced: pinAdvanced(config, user),
    onAPIError: {
      errorURL: errorUrlOf(config),
      ...user.onAPIError,
      // What is not an answer of Better Auth's rejects, and becomes the gateway's own refusal.
      throw: true,
    },
  }
}

/** Where a browser goes when signing in with a provider failed: the login page reads `?error=`. */
export function errorUrlOf(config: GatewayConfig): string {
  return new URL(config.auth.loginPage, config.server.publicUrl).href
}

function pinEmail({ auth }: GatewayConfig, user: AuthModuleOptions) {
  return {
    ...user.emailAndPassword,
    enabled: auth.signIn.email,
    disableSignUp: auth.signUp.kind === 'closed',
    revokeSessionsOnPasswordReset: true,
  }
}

function pinAdvanced(
  { server }: GatewayConfig,
  user: AuthModuleOptions,
): NonNullable<BetterAuthOptions['advanced']> {
  return {
    ...user.advanced,
    // Better Auth's own switch would put `__Secure-` before a name; `__Host-` is stronger and is in the prefix already.
    useSecureCookies: false,
    cookiePrefix: cookiePrefix(server.publicUrl),
    defaultCookieAttributes: { secure: server.publicUrl.startsWith('https:') },
    database: { ...user.advanced?.database, generateId: 'uuid' },
    ipAddress: { ...user.advanced?.ipAddress, ipAddressHeaders: [clientIpHeader] },
    // Both would otherwise depend on NODE_ENV.
    disableCSRFCheck: false,
    disableOriginCheck: false,
  }
}

function mergeProviders(
  { auth }: GatewayConfig,
  user: AuthModuleOptions,
): NonNullable<BetterAuthOptions['socialProviders']> {
  const fromModule: Readonly<Record<string, unknown>> = { ...user.socialProviders }
  const isClosed = auth.signUp.kind === 'closed'
  for (const name of Object.keys(auth.signIn.social)) {
    if (fromModule[name] === undefined) continue
    throw new StartupError(
      `auth.module: socialProviders.${name} is also in auth.signIn.social: keep one`,
    )
  }
  const fromFile = Object.entries(auth.signIn.social).map(([name, provider]) => [
    name,
    // Better Auth says this one with a redirect to the login page; the guard is behind it for every other way in.
    isClosed ? { ...provider, disableSignUp: true } : { ...provider },
  ])
  return { ...user.socialProviders, ...(Object.fromEntries(fromFile) as object) }
}

function seconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000))
}
