import type { BetterAuthPlugin } from 'better-auth'
import type { SignUpPolicy } from '../../config/types.ts'
import { sessionHooks, userHooks } from '../hooks.ts'
import type { RevocationListener } from '../port.ts'
import type { AfterSignIn } from './hashes/rehash.ts'
import { watchWrites } from './writes.ts'
import { createSignUpGuard } from './sign-up.ts'

/**
 * The plugin through which Better Auth tells us what changes, and through which `auth.signUp` is enforced for every way of
 * signing up. Being a plugin, its hooks stand beside those of the user's own options instead of replacing them. `after`
 * hooks run when the change is committed and before the response is sent.
 *
 * Memberships of organisations have no such hooks; their writes are watched in the adapter.
 *
 * What is not seen: rows changed behind Better Auth's back.
 * @param now wall clock, milliseconds
 */
export function createGatewayPlugin(
  listener: RevocationListener,
  signUp: SignUpPolicy,
  now: () => number,
  { afterSignIn }: { readonly afterSignIn: AfterSignIn | null } = { afterSignIn: null },
): BetterAuthPlugin {
  const guard = createSignUpGuard(signUp)
  return {
    id: 'sallyport',
    hooks: { before: [guard.beforeEmail] },
    init: ({ adapter }) => ({
      context: { adapter: watchWrites(adapter, listener) },
      options: {
        databaseHooks: {
          session: {
            ...sessionHooks(listener, now),
            ...(afterSignIn === null ? {} : { create: { after: afterSignIn } }),
          },
          user: { create: { before: guard.beforeCreate }, ...userHooks(listener) },
        },
      },
    }),
  }
}
