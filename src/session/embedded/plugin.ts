import type { BetterAuthPlugin, GenericEndpointContext } from 'better-auth'
import type { SignUpPolicy } from '../../config/types.ts'
import { sessionHooks, userHooks } from '../hooks.ts'
import { watchForAudit } from '../audit/watch/eye.ts'
import { noteEndpoint, noteSession, type SessionRow } from '../audit/watch/hooks.ts'
import type { Witness } from '../audit/witness.ts'
import type { RevocationListener } from '../port.ts'
import type { AfterSignIn } from './hashes/rehash.ts'
import { watchWrites } from './writes.ts'
import { createSignUpGuard } from './sign-up.ts'

export interface PluginParts {
  readonly afterSignIn: AfterSignIn | null
  /** Sees what the audit log speaks of; null: nobody keeps one. */
  readonly witness: Pick<Witness, 'note'> | null
}

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
  { afterSignIn, witness }: PluginParts = { afterSignIn: null, witness: null },
): BetterAuthPlugin {
  const guard = createSignUpGuard(signUp)
  const note = (each: Parameters<Witness['note']>[0]): void => witness?.note(each)
  const begun = witness === null ? null : noteSession(witness)
  const afterCreate = async (
    row: SessionRow,
    context: GenericEndpointContext | null,
  ): Promise<void> => {
    begun?.(row)
    await afterSignIn?.(row, context)
  }
  return {
    id: 'sallyport',
    hooks: {
      before: [guard.beforeEmail],
      after: witness === null ? [] : [noteEndpoint(witness)],
    },
    init: ({ adapter }) => ({
      context: { adapter: watchForAudit(watchWrites(adapter, listener), note) },
      options: {
        databaseHooks: {
          session: {
            ...sessionHooks(listener, now),
            create: { after: afterCreate },
          },
          user: { create: { before: guard.beforeCreate }, ...userHooks(listener) },
        },
      },
    }),
  }
}
