import type { Auth } from 'better-auth'
import type { RevocationListener } from '../port.ts'

type Context = Awaited<Auth['$context']>

/** Ends sessions from outside of any request, as an operator does. */
export interface Revoker {
  /**
   * Ends every session of a user, and whatever was issued for them. Returns how many sessions there were, or null when there is no such user.
   * @param user id or e-mail address
   */
  user(user: string): Promise<number | null>
  /** Ends one session by its id. False when there is none. */
  session(sessionId: string): Promise<boolean>
}

/** What finds a session's token by its id. */
export type TokenOf = (sessionId: string) => Promise<string | null>

/** Goes through Better Auth, so that its hooks tell everybody. */
export function createRevoker(
  { internalAdapter }: Pick<Context, 'internalAdapter'>,
  tokenOf: TokenOf,
  listener: Pick<RevocationListener, 'userRevoked'>,
): Revoker {
  return {
    async user(idOrEmail) {
      const user = await (idOrEmail.includes('@')
        ? internalAdapter.findUserByEmail(idOrEmail.toLowerCase()).then((found) => found?.user)
        : internalAdapter.findUserById(idOrEmail))
      if (user == null) return null
      const sessions = await internalAdapter.listSessions(user.id)
      await internalAdapter.deleteUserSessions(user.id)
      listener.userRevoked({ userId: user.id })
      return sessions.length
    },
    async session(sessionId) {
      const token = await tokenOf(sessionId)
      if (token === null) return false
      await internalAdapter.deleteSession(token)
      return true
    },
  }
}
