import type { Principal } from '../authn/principal.ts'
import type { LiveConnection } from './port.ts'

/** Whose a stream is, and until when: a session's expiry, or that of a foreign token. */
export function ownerOf(
  principal: Principal | null,
): Pick<LiveConnection, 'userId' | 'sessionId' | 'expiresAtMs'> {
  if (principal === null) return { userId: null, sessionId: null, expiresAtMs: Infinity }
  const { userId } = principal
  if (principal.kind === 'bearer') {
    return { userId, sessionId: null, expiresAtMs: principal.expiresAt * 1000 }
  }
  // A key lives until it is revoked.
  if (principal.kind === 'apiKey') return { userId, sessionId: null, expiresAtMs: Infinity }
  const { id, expiresAtMs } = principal.session
  return { userId, sessionId: id, expiresAtMs }
}
