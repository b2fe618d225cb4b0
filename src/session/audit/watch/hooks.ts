import type { BetterAuthPlugin } from 'better-auth'
import { createAuthMiddleware } from 'better-auth/api'
import type { Acting } from '../notes.ts'
import type { Witness } from '../witness.ts'

type Hooks = NonNullable<BetterAuthPlugin['hooks']>
type AfterHook = NonNullable<Hooks['after']>[number]

export interface SessionRow {
  readonly id: string
  readonly userId: string
  readonly impersonatedBy?: string | null
}

/** Notes which endpoint a request has reached, and with whose session. Runs also where the endpoint refused. */
export function noteEndpoint(witness: Pick<Witness, 'note'>): AfterHook {
  return {
    matcher: () => true,
    handler: createAuthMiddleware((context) => {
      const acting = actingOf(context.context.session)
      witness.note({ kind: 'endpoint', pattern: context.path, acting })
      return Promise.resolve()
    }),
  }
}

/** Notes each session that begins, wherever sessions are kept. */
export function noteSession(witness: Pick<Witness, 'note'>): (row: SessionRow) => void {
  return (row) => {
    const { id: sessionId, userId, impersonatedBy = null } = row
    witness.note({ kind: 'session-created', sessionId, userId, impersonatedBy })
  }
}

function actingOf(session: { readonly session: object } | null | undefined): Acting | null {
  if (session == null) return null
  const { id, userId, impersonatedBy = null } = session.session as SessionRow
  return { sessionId: id, userId, impersonatedBy }
}
