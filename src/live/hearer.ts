import { refuse } from '../errors/refusal.ts'
import type { RevocationHearer } from '../session/revocation/event.ts'
import type { LiveRegistry } from './registry.ts'

/**
 * What is said about sessions and users, for what they hold open. That a session was extended is found out when it would
 * have expired, or at once where a page wants to know.
 */
export function liveHearer(live: LiveRegistry): RevocationHearer {
  return {
    heard: (event) => {
      switch (event.kind) {
        case 'session-revoked':
          live.closeBySession(event.sessionId, refuse('session_revoked'))
          break
        case 'user-changed':
          live.closeKeysOf(event.userId)
          live.recheckUser(event.userId)
          break
        case 'user-revoked':
          live.closeBearersOf(event.userId, event.beforeMs)
          live.recheckUser(event.userId)
          break
        case 'user-deleted':
          live.closeByUser(event.userId, refuse('session_revoked'))
          break
        case 'everyone-revoked':
          live.closeAllOf(event.beforeMs)
          break
        case 'everything-changed':
          live.closeKeysOf(null)
          live.recheckAll()
          break
        case 'session-changed':
          live.sessionChanged(event.sessionId)
      }
    },
  }
}
