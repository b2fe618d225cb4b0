import type { BetterAuthOptions } from 'better-auth'
import { getAuthTables } from 'better-auth/db'
import { StartupError } from '../errors/startup.ts'

/** What the Better Auth that users come to makes of them. */
export interface Traits {
  /** What its table of users is called. */
  readonly table: string
  /** Its admin plugin's roles, for those who are superusers and for those who are not; null: nobody can be banned. */
  readonly admin: { readonly superuser: string; readonly other: string } | null
  readonly hasRole: boolean
  readonly hasExternalId: boolean
  /** How somebody could come in who has no password, in words. */
  readonly waysIn: readonly string[]
}

/** What an imported user is given. */
const given: ReadonlySet<string> = new Set([
  'name',
  'email',
  'emailVerified',
  'image',
  'createdAt',
  'updatedAt',
])

/** Plugins that let nobody in who has not been in before. Of any other it is supposed that it may. */
const lettingNobodyIn: ReadonlySet<string> = new Set([
  'admin',
  'api-key',
  'bearer',
  'captcha',
  'custom-session',
  'have-i-been-pwned',
  'jwt',
  'last-login-method',
  'multi-session',
  'open-api',
  'organization',
  'sallyport',
  'sallyport-api-keys',
  'two-factor',
  'username',
])

/** Throws a `StartupError` where users need a field that nothing fills. */
export function readTraits(options: BetterAuthOptions): Traits {
  const { modelName: table = 'user', fields: userFields = {} } =
    getAuthTables(options)['user'] ?? {}
  const needed = Object.entries(userFields).find(
    ([name, { required, defaultValue }]) =>
      required !== false && defaultValue === undefined && !given.has(name),
  )
  if (needed !== undefined) {
    throw new StartupError(
      `auth.module: every user needs ${JSON.stringify(needed[0])}, and those who are imported have none: give it a defaultValue or required: false`,
    )
  }
  return {
    table,
    admin: rolesOf(options),
    hasRole: Object.hasOwn(userFields, 'role'),
    hasExternalId: Object.hasOwn(userFields, 'externalId'),
    waysIn: waysInto(options),
  }
}

function rolesOf({ plugins = [] }: BetterAuthOptions): Traits['admin'] {
  const plugin = plugins.find(({ id }) => id === 'admin')
  if (plugin === undefined) return null
  type Roles = { readonly adminRoles?: string | readonly string[]; readonly defaultRole?: string }
  const { adminRoles = 'admin', defaultRole = 'user' } = (plugin.options ?? {}) as Roles
  const [superuser = 'admin'] =
    typeof adminRoles === 'string' ? adminRoles.split(',').map((role) => role.trim()) : adminRoles
  return { superuser, other: defaultRole }
}

function waysInto(options: BetterAuthOptions): readonly string[] {
  const { emailAndPassword, emailVerification, socialProviders = {}, plugins = [] } = options
  const providers = Object.keys(socialProviders)
  return [
    ...(emailAndPassword?.sendResetPassword === undefined ? [] : ['sendResetPassword']),
    ...(emailVerification?.autoSignInAfterVerification === true
      ? ['autoSignInAfterVerification']
      : []),
    ...(providers.length === 0 ? [] : [`signIn with ${providers.join(', ')}`]),
    ...plugins.filter(({ id }) => !lettingNobodyIn.has(id)).map(({ id }) => `the plugin ${id}`),
  ]
}
