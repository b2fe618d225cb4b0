import type { BetterAuthOptions } from 'better-auth'

export { sallyport, type SallyportOptions } from './plugin.ts'

/**
 * Better Auth's options without those that `gateway.config.yaml` decides (`baseURL`, `secret`, `database`, …): what the
 * file named by `auth.module` may export.
 */
export type AuthModuleOptions = Omit<
  BetterAuthOptions,
  | 'baseURL'
  | 'basePath'
  | 'secret'
  | 'secrets'
  | 'database'
  | 'secondaryStorage'
  | 'trustedOrigins'
  | 'telemetry'
  | 'logger'
  | 'emailAndPassword'
> & {
  /** Without `enabled`, which is `auth.signIn.email`, and `disableSignUp`, which is `auth.signUp`. */
  readonly emailAndPassword?: Omit<
    NonNullable<BetterAuthOptions['emailAndPassword']>,
    'enabled' | 'disableSignUp' | 'revokeSessionsOnPasswordReset'
  >
}

/**
 * Gives the file named by `auth.module` its types, and does nothing else:
 *
 * ```ts
 * import { admin } from 'better-auth/plugins'
 * import { defineAuth } from 'sallyport/better-auth'
 *
 * export default defineAuth({ plugins: [admin()] })
 * ```
 *
 * What goes in comes out. The options are checked when the gateway starts, not here: a key that `gateway.config.yaml`
 * decides stops the start with a message that names the YAML key. The module may also export a function, async or not,
 * that returns options.
 */
export function defineAuth<Options extends AuthModuleOptions>(options: Options): Options {
  return options
}
