import type { BetterAuthOptions } from 'better-auth'
import { StartupError } from '../../../errors/startup.ts'

/** Options that a module may set. Naming every one makes the build break when Better Auth learns a new one. */
const allowed = {
  appName: true,
  emailVerification: true,
  emailAndPassword: true,
  socialProviders: true,
  plugins: true,
  user: true,
  session: true,
  account: true,
  verification: true,
  rateLimit: true,
  advanced: true,
  databaseHooks: true,
  onAPIError: true,
  hooks: true,
  disabledPaths: true,
  experimental: true,
} satisfies Partial<Record<keyof BetterAuthOptions, true>>

const notSupported = 'is not supported yet'
const fixed = 'is fixed by the gateway'

/** Options that the gateway decides, by dotted path, with what to do instead. */
const owned = {
  baseURL: 'use server.publicUrl',
  basePath: 'use auth.path',
  secret: 'use auth.secret',
  secrets: 'use auth.secret',
  database: 'use auth.database',
  trustedOrigins: 'use auth.trustedOrigins',
  secondaryStorage: notSupported,
  telemetry: 'is always off',
  logger: "Better Auth's log is the gateway's: use LOG_LEVEL",
} satisfies Record<Exclude<keyof BetterAuthOptions, keyof typeof allowed>, string>

const ownedInside: Readonly<Record<string, string>> = {
  'emailAndPassword.enabled': 'use auth.signIn.email',
  'emailAndPassword.disableSignUp': 'use auth.signUp',
  'emailAndPassword.revokeSessionsOnPasswordReset': 'is always on',
  'session.expiresIn': 'use auth.session.lifetime',
  'session.updateAge': 'use auth.session.refreshAfter',
  'session.cookieCache': 'the gateway has a cache of its own: use auth.session.cache',
  'session.disableSessionRefresh': 'use auth.session.refreshAfter',
  'session.deferSessionRefresh': fixed,
  'session.storeSessionInDatabase': notSupported,
  'session.preserveSessionInDatabase': notSupported,
  'rateLimit.enabled': 'is always on: raise a limit with rateLimit.customRules',
  'rateLimit.storage': fixed,
  'rateLimit.customStorage': fixed,
  'rateLimit.modelName': fixed,
  'rateLimit.fields': fixed,
  'advanced.ipAddress.ipAddressHeaders': 'use server.trustedProxies',
  'advanced.ipAddress.trustedProxies': 'use server.trustedProxies',
  'advanced.ipAddress.disableIpTracking': fixed,
  'advanced.useSecureCookies': 'use an https server.publicUrl',
  'advanced.disableCSRFCheck': 'use auth.trustedOrigins',
  'advanced.disableOriginCheck': 'use auth.trustedOrigins',
  'advanced.crossSubDomainCookies': notSupported,
  'advanced.cookies': fixed,
  'advanced.defaultCookieAttributes': fixed,
  'advanced.cookiePrefix': fixed,
  'advanced.database.generateId': 'ids are UUIDs',
  'advanced.database.validateSchema': fixed,
  'advanced.trustedProxyHeaders': 'use server.trustedProxies',
  'advanced.generateId': 'ids are UUIDs',
  'onAPIError.throw': fixed,
  'onAPIError.onError': notSupported,
}

/**
 * Refuses options that the gateway decides, and options that Better Auth does not know. Throws a `StartupError` that names
 * all of them, each with the YAML key that is used instead. What is not checked: the values of the other options.
 *
 * @param place how the module is named to whoever wrote it
 */
export function refuseOwnedOptions(
  options: Readonly<Record<string, unknown>>,
  place: string,
): void {
  const problems = [...topLevelProblems(options), ...innerProblems(options)]
  if (problems.length > 0) {
    throw new StartupError(`auth.module: ${place} may not set ${problems.join(', ')}`)
  }
}

function topLevelProblems(options: Readonly<Record<string, unknown>>): readonly string[] {
  const advice: Readonly<Record<string, string>> = owned
  return Object.keys(options)
    .filter((key) => options[key] !== undefined && !Object.hasOwn(allowed, key))
    .map((key) => `${key} (${advice[key] ?? 'Better Auth has no such option'})`)
}

function innerProblems(options: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(ownedInside)
    .filter(([path]) => valueAt(options, path.split('.')) !== undefined)
    .map(([path, advice]) => `${path} (${advice})`)
}

function valueAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  return valueAt((value as Readonly<Record<string, unknown>>)[key], rest)
}
