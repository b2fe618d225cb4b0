import type { BetterAuthOptions } from 'better-auth'

/**
 * Types the options that `auth.module` exports: plugins, social providers, mail, additional fields, hooks. Returns them as
 * they are. Options that the YAML owns (`baseURL`, `secret`, `database`, cookie settings, …) are refused at start.
 *
 * ```ts
 * export default defineAuth({ plugins: [admin()] })
 * ```
 */
export function defineAuth<const Options extends BetterAuthOptions>(options: Options): Options {
  return options
}
