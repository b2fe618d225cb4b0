import type { SecondaryStorage } from 'better-auth'
import type { RevocationListener } from '../session/port.ts'

const revokedBefore = 'revoked-sessions-before-'

type Watched = SecondaryStorage & { [mark]?: true }
const mark: unique symbol = Symbol.for('sallyport.watched') as typeof mark

/**
 * Keeps an eye on sessions in Better Auth's secondary storage: where they are kept in it alone, no database hook tells of their end. The listener hears of a session whose
 * key is deleted, and of a user whose sessions are all declared void.
 *
 * The storage itself is changed, because Better Auth leaves no other way in once its options are there; a second call changes nothing more.
 * Not seen: keys that run out or that others delete.
 */
export function watchStorage(
  storage: SecondaryStorage,
  listener: Pick<RevocationListener, 'sessionRevoked' | 'userRevoked'>,
): void {
  const watched: Watched = storage
  if (watched[mark] === true) return
  watched[mark] = true
  const set = storage.set.bind(storage)
  const remove = storage.delete.bind(storage)
  storage.set = async (key, value, ttl) => {
    await set(key, value, ttl)
    if (key.startsWith(revokedBefore)) {
      listener.userRevoked({ userId: key.slice(revokedBefore.length) })
    }
  }
  storage.delete = async (key) => {
    const session = isOther(key) ? null : readSession(await storage.get(key))
    await remove(key)
    if (session !== null) listener.sessionRevoked({ ...session, token: key })
  }
}

/** A key that is no session's: those are tokens and nothing else. */
function isOther(key: string): boolean {
  return /^(?:active-sessions-|revoked-sessions-before-|verification:)|\|/.test(key)
}

function readSession(
  value: unknown,
): { readonly sessionId: string; readonly userId: string } | null {
  const { session } = parse(value) as {
    readonly session?: { readonly id?: unknown; readonly userId?: unknown }
  }
  const { id, userId } = session ?? {}
  return typeof id === 'string' && typeof userId === 'string' ? { sessionId: id, userId } : null
}

function parse(value: unknown): object {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}
