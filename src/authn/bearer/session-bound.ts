import { refuse } from '../../errors/refusal.ts'
import { authenticated, rejected, type Outcome } from '../outcome.ts'
import type { Session } from '../principal.ts'
import { sessionIdKey, type Sessions } from '../sessions.ts'

export interface SessionBoundDeps {
  readonly sessions: Sessions
  /**
   * Opens what `/_gateway/token` has sealed into a token: the session cookie, by which a Better Auth elsewhere knows the session. Null where it cannot be opened.
   * Left out: sessions are known by their id.
   */
  readonly unseal?: (sealed: string, sessionId: string) => string | null
}

/** The session that a verified token names, and whose it must be. */
export interface NamedSession {
  readonly userId: string
  readonly sessionId: string
  /** What the token holds of the session cookie, if anything. */
  readonly sealed: unknown
  /** The client's address. */
  readonly address: string
}

/**
 * Who a token speaks for that lives and dies with its session.
 *
 * Refusals: `token_invalid` for the session of another user; `session_revoked`, `session_expired`,
 * `session_store_unavailable`; `token_expired` where the session cannot be looked for any more.
 */
export function readNamedSession(
  named: NamedSession,
  deps: SessionBoundDeps,
): Outcome | Promise<Outcome> {
  const key = sessionIdKey(named.sessionId)
  const cached = deps.sessions.peek(key)
  return cached === undefined ? find(named, key, deps) : decide(named, cached, key, deps)
}

async function find(named: NamedSession, key: string, deps: SessionBoundDeps): Promise<Outcome> {
  const { sessionId, address } = named
  const cookie = deps.unseal === undefined ? '' : open(named, deps.unseal)
  if (cookie === null) {
    // Of a gateway with other secrets, or from before the session was kept elsewhere: another one is to be had.
    const detail = 'The access token was issued under secrets that are no longer in use.'
    return rejected(refuse('token_expired', { detail, tokenPresented: true }))
  }
  try {
    const session = await deps.sessions.findById(key, sessionId, { cookie, address })
    return decide(named, session, key, deps)
  } catch {
    return rejected(refuse('session_store_unavailable'))
  }
}

function open(
  { sealed, sessionId }: NamedSession,
  unseal: NonNullable<SessionBoundDeps['unseal']>,
): string | null {
  return typeof sealed === 'string' ? unseal(sealed, sessionId) : null
}

function decide(
  named: NamedSession,
  session: Session | null,
  key: string,
  deps: SessionBoundDeps,
): Outcome {
  if (session === null) {
    const code = deps.sessions.wasRevoked(key) ? 'session_revoked' : 'session_expired'
    return rejected(refuse(code, { tokenPresented: true }))
  }
  // A database may find an id in another spelling than the one that everything else goes by.
  if (session.user.id !== named.userId || session.id !== named.sessionId) {
    return rejected(refuse('token_invalid', { tokenPresented: true }))
  }
  return authenticated({ kind: 'session', via: 'bearer', userId: session.user.id, session })
}
