import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { BetterAuthOptions } from 'better-auth'
import { StartupError } from '../../errors/startup.ts'

/** Options that decide what the gateway promises, and the YAML key that says them. */
const owned: Readonly<Record<string, string>> = {
  baseURL: 'server.publicUrl',
  basePath: 'auth.path',
  secret: 'auth.secret',
  secrets: 'auth.secret',
  database: 'auth.database',
  secondaryStorage: 'redis',
  trustedOrigins: 'auth.trustedOrigins',
  'session.expiresIn': 'auth.session.lifetime',
  'session.updateAge': 'auth.session.refreshAfter',
  'session.cookieCache': 'auth.session.cache',
  'session.disableSessionRefresh': 'auth.session.refreshAfter',
  'session.deferSessionRefresh': 'auth.session.refreshAfter',
  'emailAndPassword.enabled': 'auth.signIn.email',
  'emailAndPassword.disableSignUp': 'auth.signUp',
  'emailAndPassword.revokeSessionsOnPasswordReset': 'no key: it is always on',
  logger: 'no key: its lines are in the log of the gateway',
  telemetry: 'no key: it is always off',
  'onAPIError.throw': 'no key: errors are answered by the gateway',
  'onAPIError.onError': 'no key: errors are in the log of the gateway',
  'rateLimit.enabled': 'no key: it is always on',
  'advanced.useSecureCookies': 'server.publicUrl',
  'advanced.cookiePrefix': 'server.publicUrl',
  'advanced.cookies': 'server.publicUrl',
  'advanced.defaultCookieAttributes': 'server.publicUrl',
  'advanced.crossSubDomainCookies': 'server.publicUrl',
  'advanced.ipAddress': 'server.trustedProxies',
  'advanced.trustedProxyHeaders': 'server.trustedProxies',
  'advanced.disableCSRFCheck': 'auth.trustedOrigins',
  'advanced.disableOriginCheck': 'auth.trustedOrigins',
  'advanced.database.generateId': 'no key: ids are UUIDs',
}

/**
 * Loads the user's Better Auth options from `auth.module`: its default export, or what that returns when it is a function.
 * Throws a `StartupError` of one sentence when it cannot be loaded or sets an option that the YAML owns.
 */
export async function loadAuthModule(path: string | null): Promise<BetterAuthOptions> {
  if (path === null) return {}
  const exported = await importDefault(path)
  const options: unknown = await callIfFunction(path, exported)
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new StartupError(
      `auth.module: ${path} has no default export of Better Auth options (export default defineAuth({ … }))`,
    )
  }
  if ('handler' in options && 'api' in options) {
    throw new StartupError(
      `auth.module: ${path} exports a betterAuth() instance; export the options that you give to it`,
    )
  }
  for (const [key, instead] of Object.entries(owned)) {
    if (valueAt(options, key) === undefined) continue
    throw new StartupError(
      `auth.module: ${path} sets ${key}, which belongs to the YAML (${instead})`,
    )
  }
  return options
}

async function importDefault(path: string): Promise<unknown> {
  if (!existsSync(path)) throw new StartupError(`auth.module: ${path} does not exist`)
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
    return module.default
  } catch (error) {
    throw new StartupError(`auth.module: cannot load ${path}: ${firstLine(error)}`)
  }
}

async function callIfFunction(path: string, exported: unknown): Promise<unknown> {
  if (typeof exported !== 'function') return exported
  try {
    return await (exported as () => unknown)()
  } catch (error) {
    throw new StartupError(`auth.module: ${path} failed: ${firstLine(error)}`)
  }
}

function valueAt(options: object, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null
          ? (value as Readonly<Record<string, unknown>>)[name]
          : undefined,
      options,
    )
}

/** Whatever was thrown, in one line: users may throw anything. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n')[0] ?? text
}
