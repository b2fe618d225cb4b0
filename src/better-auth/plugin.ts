import type { BetterAuthPlugin } from 'better-auth'
import type { Clock } from '../clock.ts'
import type { SignUpPolicy } from '../config/types.ts'
import type { RevocationListener } from '../session/port.ts'
import { createSignUpGuard } from './sign-up.ts'

export interface GatewayPluginDeps {
  readonly listener: RevocationListener
  readonly clock: Clock
  readonly signUp: SignUpPolicy
  /** Where a browser goes whose sign-up with a provider was refused: absolute. */
  readonly errorUrl: string
}

interface SessionRow {
  readonly id: string
  readonly token: string
  readonly userId: string
  readonly expiresAt: Date | string
}

/**
 * Our own Better Auth plugin: tells the listener what changed, and keeps the sign-up policy. It gives its database hooks
 * from `init`, because that way they run beside the user's own instead of replacing them. `after` hooks run when the
 * transaction is committed and before the answer is sent.
 *
 * What is not seen: rows changed behind Better Auth's back, and organisation roles, for which it has no database hook.
 */
export function createGatewayPlugin(deps: GatewayPluginDeps): BetterAuthPlugin {
  const guard = createSignUpGuard(deps)
  return {
    id: 'sallyport',
    init: () => ({
      options: {
        databaseHooks: {
          session: sessionHooks(deps),
          user: {
            create: { before: guard.beforeCreate },
            ...userHooks(deps.listener),
          },
        },
      },
    }),
    hooks: { before: [guard.beforeEmailSignUp] },
  }
}

function sessionHooks({ listener, clock }: GatewayPluginDeps) {
  return {
    delete: {
      after: (row: SessionRow): Promise<void> => {
        const { id: sessionId, token, userId } = row
        // Better Auth also deletes what has run out; that is no revocation, and is told to the browser as expiry.
        const hasExpired = new Date(row.expiresAt).getTime() <= clock.now()
        if (hasExpired) listener.sessionChanged({ sessionId, userId })
        else listener.sessionRevoked({ sessionId, token, userId })
        return Promise.resolve()
      },
    },
    update: {
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
      // Null when the row was gone before it could be changed.
      after: (row: { readonly id: string } | null): Promise<void> => {
        if (row !== null) listener.userChanged({ userId: row.id })
        return Promise.resolve()
      },
    },
    delete: {
      after: (row: { readonly id: string }): Promise<void> => {
        listener.userDeleted({ userId: row.id })
        return Promise.resolve()
      },
    },
  }
}
