import { refuse } from '../../errors/refusal.ts'
import { readSignedToken } from '../cookie.ts'
import { authenticated, rejected, type Outcome } from '../outcome.ts'
import type { Session } from '../principal.ts'
import type { Sessions } from '../sessions.ts'

export interface SessionTokenDeps {
  readonly sessions: Sessions
  /** HMAC-SHA256 of the token under a secret of Better Auth's, in standard base64, compared in constant time. */
  readonly verifySignature: (token: string, signature: string) => boolean
  readonly digest: (text: string) => string
}

/** A Better Auth session token whose signature holds. */
export interface SessionToken {
  readonly token: string
  /** Token and signature as the session cookie has them. */
  readonly cookie: string
  readonly key: string
}

/**
 * Reads `token.signature`, plain or percent-encoded, as Better Auth's bearer plugin gives it out in `set-auth-token`. Null for anything
 * else: a token without its signature is known to whoever has seen a list of sessions, and proves nothing.
 *
 * What is remembered of the session is shared with its cookie, which holds the same bytes.
 */
export function readSessionToken(credential: string, deps: SessionTokenDeps): SessionToken | null {
  const token = readSignedToken(credential, deps.verifySignature)
  if (token === null) return null
  const signature = decodeURIComponent(credential).slice(token.length + 1)
  const cookie = encodeURIComponent(`${token}.${signature}`)
  return { token, cookie, key: deps.digest(cookie) }
}

/**
 * Who a session token speaks for: its session, for as long as that lives. `address` is the client's.
 *
 * Refusals: `session_revoked`, `session_expired`, `session_store_unavailable`.
 */
export function readSessionOf(
  presented: SessionToken,
  address: string,
  deps: SessionTokenDeps,
): Outcome | Promise<Outcome> {
  const cached = deps.sessions.peek(presented.key)
  return cached === undefined ? find(presented, address, deps) : decide(presented, cached, deps)
}

async function find(
  presented: SessionToken,
  address: string,
  deps: SessionTokenDeps,
): Promise<Outcome> {
  const { token, cookie, key } = presented
  try {
    const session = await deps.sessions.findByToken(key, token, { cookie, address })
    return decide(presented, session, deps)
  } catch {
    return rejected(refuse('session_store_unavailable'))
  }
}

function decide(
  { token }: SessionToken,
  session: Session | null,
  { sessions, digest }: SessionTokenDeps,
): Outcome {
  if (session === null) {
    const code = sessions.wasRevoked(digest(token)) ? 'session_revoked' : 'session_expired'
    return rejected(refuse(code, { tokenPresented: true }))
  }
  return authenticated({ kind: 'session', via: 'bearer', userId: session.user.id, session })
}
