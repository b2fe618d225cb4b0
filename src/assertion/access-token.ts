import { accessTokenType, sealedClaim } from '../authn/bearer/reader.ts'
import type { Session } from '../authn/principal.ts'
import type { BearerConfig } from '../config/types.ts'
import { signToken } from './issue.ts'

/** The answer of the refresh endpoint, named as RFC 6749 §5.1 names it. */
export interface AccessToken {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
}

/**
 * Issues the bearer token of a browser or script from its session (RFC 9068's `typ`). It never outlives the session and
 * dies with it, through `sid`. `nowMs` is the wall clock.
 * @param sealed the session cookie, sealed, where Better Auth runs elsewhere and knows a session by nothing else; else null
 */
export function issueAccessToken(
  session: Session,
  bearer: BearerConfig,
  sign: (input: string) => string,
  nowMs: number,
  sealed: string | null = null,
): AccessToken {
  const iat = Math.floor(nowMs / 1000)
  const exp = Math.min(
    iat + Math.floor(bearer.ttlMs / 1000),
    Math.floor(session.expiresAtMs / 1000),
  )
  const claims = {
    [bearer.userClaim]: session.user.id,
    sub: session.user.id,
    sid: session.id,
    iat,
    exp,
    ...(sealed === null ? {} : { [sealedClaim]: sealed }),
    ...(bearer.issuer === null ? {} : { iss: bearer.issuer }),
    ...(bearer.audience === null ? {} : { aud: bearer.audience }),
  }
  return {
    access_token: signToken(accessTokenType, claims, sign),
    token_type: 'Bearer',
    expires_in: exp - iat,
  }
}
