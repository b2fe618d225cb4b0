import type { RevocationListener } from './port.ts'

interface SessionRow {
  readonly id: string
  readonly token: string
  readonly userId: string
  readonly expiresAt: Date | string
}

interface UserRow {
  readonly id: string
  readonly banned?: boolean | null
}

/**
 * Better Auth's hooks on sessions, for whoever must know what changes. `after` hooks run when the change is committed and before the
 * response is sent.
 * @param now wall clock, milliseconds
 */
export function sessionHooks(listener: RevocationListener, now: () => number) {
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

/** The same on users. */
export function userHooks(listener: RevocationListener) {
  return {
    update: {
      after: (row: UserRow | null): Promise<void> => {
        if (row === null) return Promise.resolve()
        listener.userChanged({ userId: row.id })
        // What others have issued for a banned user knows nothing of the ban.
        if (row.banned === true) listener.userRevoked({ userId: row.id })
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
