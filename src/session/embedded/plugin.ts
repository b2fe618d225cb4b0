import type { BetterAuthPlugin } from 'better-auth'
import type { SignUpPolicy } from '../../config/types.ts'
import type { RevocationListener } from '../port.ts'
import { createSignUpGuard } from './sign-up.ts'

interface SessionRow {
  readonly id: string
  readonly token: string
  readonly userId: string
  readonly expiresAt: Date | string
}

/**
 * The plugin through which Better Auth tells us what changes, and through which `auth.signUp` is enforced for every way of
 * signing up. Being a plugin, its hooks stand beside those of the user's own options instead of replacing them. `after`
 * hooks run when the change is committed and before the response is sent.
 *
 * What is not seen: rows changed behind Better Auth's back, and roles inside organisations, for which it has no such hook.
 * @param now wall clock, milliseconds
 */
export function createGatewayPlugin(
  listener: RevocationListener,
  signUp: SignUpPolicy,
  now: () => number,
): BetterAuthPlugin {
  const guard = createSignUpGuard(signUp)
  return {
    id: 'sallyport',
    hooks: { before: [guard.beforeEmail] },
    init: () => ({
      options: {
        databaseHooks: {
          session: sessionHooks(listener, now),
          user: { create: { before: guard.beforeCreate }, ...userHooks(listener) },
        },
      },
    }),
  }
}

function sessionHooks(listener: RevocationListener, now: () => number) {
  return {
    delete: {
      after: (row: SessionRow): Promise<void> => {
        const { id: sessionId, token, userId } = row
        // Better Auth also removes rows that have run out; their owner is told of expiry, not of revocation.
        if (new Date(row.expiresAt).getTime() <= now())
          listener.sessionChanged({ sessionId, userId })
        else listener.sessionRevoked({ sessionId, token, userId })
        return Promise.resolve()
      },
    },
    update: {
      // Null where the row was gone before it could be changed.
      after: (row: SessionRow | null): Promise<void> => {
        if (row !== null) listener.sessionChanged({ sessionId: row.id, userId: row.userId })
        return Promise.resolve()
      },
    },
  }
}

function userHooks(listener: RevocationListener) {
  return {
    update: {
      after: (row: { readonly id: string } | null): Promise<void> => {
        if (row !== null) listener.userChanged({ userId: row.id })
        return Promise.resolve()
      },
    },
    delete: {
      after: ({ id }: { readonly id: string }): Promise<void> => {
        listener.userDeleted({ userId: id })
        return Promise.resolve()
      },
    },
  }
}
