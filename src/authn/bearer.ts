import { isRefusal, refuse } from '../errors/refusal.ts'
import { readClaims, type BearerClaims, type ClaimRules } from './claims.ts'
import { rememberLast } from '../memo.ts'
import { absent, authenticated, rejected, type Outcome } from './outcome.ts'
import type { Session } from './principal.ts'
import { sessionIdKey, type Sessions } from './sessions.ts'
import type { TokenVerifier } from './jwt.ts'

export interface BearerDeps {
  readonly sessions: Sessions
  /** Checks signature and shape under the shared secrets. */
  readonly verify: TokenVerifier
  readonly rules: ClaimRules
}

/** RFC 9068 §2.1: what `/_gateway/token` issues. Such a token lives and dies with its session. */
export const accessTokenType = 'at+jwt'
/** What FastAPI receives. Refused here, so that one that leaked cannot come back in. */
export const assertionType = 'sallyport+jwt'

// RFC 6750 §2.1, RFC 9110 §11.1: the scheme in any case, one or more spaces, token68.
const bearerGrammar = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/** Reads bearer tokens; `connection` is where the header came from, `now` is in milliseconds. */
export type BearerReader = (
  authorization: string | null,
  connection: object,
  now: number,
) => Outcome | Promise<Outcome>

/**
 * Makes the reader of `Authorization: Bearer` with an HS256 token.
 *
 * Refusals: `token_not_accepted` (another scheme), `token_invalid`, `token_expired`, and for a token of ours the fate of
 * its session: `session_revoked`, `session_expired`, `session_store_unavailable`.
 */
export function createBearerReader(deps: BearerDeps): BearerReader {
  const verify = rememberLast((authorization) => {
    const token = bearerGrammar.exec(authorization)?.[1]
    return token === undefined ? null : deps.verify(token)
  })
  return (authorization, connection, now) => {
    if (authorization === null) return absent
    if (!/^bearer(?: |$)/i.test(authorization)) {
      return rejected(refuse('token_not_accepted', { tokenPresented: true }))
    }
    const verified = verify(connection, authorization)
    if (verified === null) return invalid()
    const claims = readClaims(verified.claims, deps.rules, now / 1000)
    if (isRefusal(claims)) return rejected(claims)
    switch (verified.type) {
      case 'jwt':
        return authenticated({
          kind: 'bearer',
          userId: claims.userId,
          expiresAt: claims.expiresAt,
          passesOn: true,
          roles: [],
          scopes: [],
          user: null,
        })
      case accessTokenType:
        return claims.sessionId === null ? invalid() : readOwn(claims, claims.sessionId, deps)
      default:
        return invalid()
    }
  }
}

function readOwn(
  claims: BearerClaims,
  sessionId: string,
  deps: BearerDeps,
): Outcome | Promise<Outcome> {
  const key = sessionIdKey(sessionId)
  const cached = deps.sessions.peek(key)
  return cached === undefined ? find(claims, sessionId, deps) : decide(claims, cached, key, deps)
}

async function find(claims: BearerClaims, sessionId: string, deps: BearerDeps): Promise<Outcome> {
  const key = sessionIdKey(sessionId)
  try {
    return decide(claims, await deps.sessions.findById(key, sessionId), key, deps)
  } catch {
    return rejected(refuse('session_store_unavailable'))
  }
}

function decide(
  claims: BearerClaims,
  session: Session | null,
  key: string,
  deps: BearerDeps,
): Outcome {
  if (session === null) {
    const code = deps.sessions.wasRevoked(key) ? 'session_revoked' : 'session_expired'
    return rejected(refuse(code, { tokenPresented: true }))
  }
  if (session.user.id !== claims.userId) return invalid()
  return authenticated({ kind: 'session', via: 'bearer', userId: session.user.id, session })
}

function invalid(): Outcome {
  return rejected(refuse('token_invalid', { tokenPresented: true }))
}
