import type { RevocationListener } from '../port.ts'
import type { RevocationBus } from './bus.ts'

/**
 * Says on the bus what Better Auth tells. Tokens leave this function as digests only.
 * @param now wall clock, milliseconds
 */
export function createRevocationListener(
  bus: Pick<RevocationBus, 'say'>,
  digest: (text: string) => string,
  now: () => number,
): RevocationListener {
  return {
    sessionRevoked: ({ sessionId, token, userId }) => {
      bus.say({ kind: 'session-revoked', sessionId, userId, tokenDigest: digest(token) })
    },
    sessionChanged: ({ sessionId, userId }) => {
      bus.say({ kind: 'session-changed', sessionId, userId })
    },
    userChanged: ({ userId }) => {
      bus.say({ kind: 'user-changed', userId })
    },
    userRevoked: ({ userId }) => {
      bus.say({ kind: 'user-revoked', userId, beforeMs: now() })
    },
    userDeleted: ({ userId }) => {
      bus.say({ kind: 'user-deleted', userId })
    },
    everyoneRevoked: () => {
      bus.say({ kind: 'everyone-revoked', beforeMs: now() })
    },
    everythingChanged: () => {
      bus.say({ kind: 'everything-changed' })
    },
  }
}
