import { setTimeout as pause } from 'node:timers/promises'
import type { Auth } from 'better-auth'
import type { RevocationListener } from '../port.ts'

/** As long as a refresh of a session may be under way, milliseconds. */
const refreshMs = 1500

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
  /**
   * Ends every session of everybody, what was mailed and not used yet (links, codes), and whatever was issued for anybody. Returns how many sessions there were in
   * the database; those that are kept in Redis are not counted.
   */
  everyone(): Promise<number>
}

/** What finds a session's token by its id. */
export type TokenOf = (sessionId: string) => Promise<string | null>

export interface RevokerParts {
  readonly tokenOf: TokenOf
  /** Removes everything from where sessions are kept instead of in the database; null: they are in the database. */
  readonly clearStorage: (() => Promise<void>) | null
}

/** Goes through Better Auth, so that its hooks tell everybody. */
export function createRevoker(
  { internalAdapter, adapter }: Pick<Context, 'internalAdapter' | 'adapter'>,
  { tokenOf, clearStorage }: RevokerParts,
  listener: Pick<RevocationListener, 'userRevoked' | 'everyoneRevoked'>,
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
    async everyone() {
      const sessions = await adapter.deleteMany({ model: 'session', where: [] })
      await adapter.deleteMany({ model: 'verification', where: [] })
      await clearStorage?.()
      listener.everyoneRevoked()
      if (clearStorage !== null) {
        // A refresh that was under way somewhere has brought its session back.
        await pause(refreshMs)
        await clearStorage()
      }
      return sessions
    },
  }
}
