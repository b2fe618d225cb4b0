import { isRefusal, refuse, type Refusal } from '../../errors/refusal.ts'
import { rememberLast } from '../../memo.ts'
import { absent, rejected, type Outcome } from '../outcome.ts'
import type { BearerPrincipal } from '../principal.ts'
import type { Users } from '../users.ts'
import { readClaims, type BearerClaims, type ClaimRules } from './claims.ts'
import { createVoucher, toBearerPrincipal } from './foreign.ts'
import type { TokenVerifier, VerifiedToken } from './hs256.ts'
import type { IssuedToken, IssuedTokenVerifier } from './issuers.ts'
import { readNamedSession, type SessionBoundDeps } from './session-bound.ts'
import {
  readSessionOf,
  readSessionToken,
  type SessionToken,
  type SessionTokenDeps,
} from './session-token.ts'

export interface BearerDeps extends SessionBoundDeps {
  /** Checks signature and shape under the shared secrets. */
  readonly verify: TokenVerifier
  readonly rules: ClaimRules
  /** Left out: nobody else's tokens are accepted. */
  readonly verifyIssued?: IssuedTokenVerifier
  /** Left out: session tokens of Better Auth are no bearer tokens. */
  readonly sessionTokens?: SessionTokenDeps
  /** Left out: tokens of other signers may name anybody. */
  readonly users?: Users
  /** Left out: nothing is known to have been revoked. */
  readonly isRevoked?: (claims: Pick<BearerClaims, 'userId' | 'sessionId' | 'issuedAt'>) => boolean
}

/** RFC 9068 §2.1: what `/_gateway/token` issues. Such a token lives and dies with its session. */
export const accessTokenType = 'at+jwt'
/** The private claim that holds the sealed session cookie. */
export const sealedClaim = 'ses'
/** What FastAPI receives. Refused here, so that one that leaked cannot come back in. */
export const assertionType = 'sallyport+jwt'

// RFC 6750 §2.1, RFC 9110 §11.1: the scheme in any case, one or more spaces, token68; and `%`, because Better Auth gives session tokens
// out percent-encoded.
const bearerGrammar = /^bearer +([A-Za-z0-9\-._~+/%]+=*)$/i

/** Reads bearer tokens; `connection` is where the header came from, `now` is in milliseconds, `address` is the client's. */
export type BearerReader = (
  authorization: string | null,
  connection: object,
  now: number,
  address?: string,
) => Outcome | Promise<Outcome>

/** What stands in a header, as far as it can be told without asking anybody. */
type Presented =
  | { readonly kind: 'shared'; readonly token: VerifiedToken }
  | { readonly kind: 'session'; readonly token: SessionToken }
  /** Whose it is remains to be seen. */
  | { readonly kind: 'other'; readonly token: string }

/**
 * Makes the reader of `Authorization: Bearer`: tokens signed with a shared secret, tokens of other issuers, signed session tokens of Better
 * Auth. Which of them a token can be is told by its algorithm and its form, never by what it says of itself, and each kind has keys of its own: a
 * public key is no secret here, and a secret no key.
 *
 * Refusals: `token_not_accepted` (another scheme), `token_invalid`, `token_expired`, `session_revoked`, and for a token with a session
 * behind it the fate of that: `session_expired`, `session_store_unavailable`. The last one also where an issuer's keys cannot be had.
 */
export function createBearerReader(deps: BearerDeps): BearerReader {
  const present = rememberLast((authorization) => presentedBy(authorization, deps))
  const readShared = createSharedReader(deps)
  const readIssued = createIssuedReader(deps)
  return (authorization, connection, now, address = '') => {
    if (authorization === null) return absent
    if (!/^bearer(?: |$)/i.test(authorization)) {
      return rejected(refuse('token_not_accepted', { tokenPresented: true }))
    }
    const presented = present(connection, authorization)
    if (presented === null) return invalid()
    switch (presented.kind) {
      case 'shared':
        return readShared(presented.token, now, address)
      case 'session':
        return deps.sessionTokens === undefined
          ? invalid()
          : readSessionOf(presented.token, address, deps.sessionTokens)
      case 'other':
        return readIssued(presented.token, now, address)
    }
  }
}

function presentedBy(authorization: string, deps: BearerDeps): Presented | null {
  const token = bearerGrammar.exec(authorization)?.[1]
  if (token === undefined) return null
  const shared = deps.verify(token)
  if (shared !== null) return { kind: 'shared', token: shared }
  const session =
    deps.sessionTokens === undefined ? null : readSessionToken(token, deps.sessionTokens)
  if (session !== null) return { kind: 'session', token: session }
  return deps.verifyIssued === undefined ? null : { kind: 'other', token }
}

/** Reads what was signed with a shared secret: by ourselves, or by anybody else who knows it. */
function createSharedReader(
  deps: BearerDeps,
): (token: VerifiedToken, now: number, address: string) => Outcome | Promise<Outcome> {
  const vouch = createVoucher(deps.users ?? null)
  return (token, now, address) => {
    const claims = readClaims(token.claims, deps.rules, now / 1000)
    if (isRefusal(claims)) return rejected(claims)
    switch (token.type) {
      case 'jwt':
        return judgeMarks(claims, deps) ?? vouch(toBearerPrincipal(claims, true))
      case accessTokenType:
        return readWithSession(claims, { sealed: token.claims[sealedClaim], address }, deps)
      default:
        return invalid()
    }
  }
}

/** Reads what other issuers signed. */
function createIssuedReader(
  deps: BearerDeps,
): (token: string, now: number, address: string) => Outcome | Promise<Outcome> {
  const vouch = createVoucher(deps.users ?? null)
  // What is issued for a principal is remembered with it, so that a token that comes again must come out as the same one.
  const principals = new WeakMap<IssuedToken, BearerPrincipal>()
  const judge = (
    issued: IssuedToken | null,
    now: number,
    address: string,
  ): Outcome | Promise<Outcome> => {
    if (issued === null) return invalid()
    const claims = readClaims(issued.claims, issued.issuer.rules, now / 1000)
    if (isRefusal(claims)) return rejected(claims)
    if (issued.issuer.sessions) return readWithSession(claims, { sealed: null, address }, deps)
    const principal = principals.get(issued) ?? toBearerPrincipal(claims, false)
    principals.set(issued, principal)
    return judgeMarks(claims, deps) ?? vouch(principal)
  }
  return (token, now, address) => {
    const issued = deps.verifyIssued?.(token) ?? null
    if (!(issued instanceof Promise)) return judge(issued, now, address)
    return issued.then(
      (verified) => judge(verified, now, address),
      () => rejected(refuse('session_store_unavailable', { detail: keysUnknown })),
    )
  }
}

const keysUnknown =
  'It cannot be known at the moment who is calling: the issuer of this token does not tell its keys.'

function readWithSession(
  { userId, sessionId }: BearerClaims,
  from: { readonly sealed: unknown; readonly address: string },
  deps: BearerDeps,
): Outcome | Promise<Outcome> {
  if (sessionId === null) return invalid('The access token names no session.')
  return readNamedSession({ userId, sessionId, ...from }, deps)
}

/** Of tokens that nobody can be asked about; one with a session behind it is asked after. */
function judgeMarks(claims: BearerClaims, { isRevoked }: BearerDeps): Outcome | null {
  if (isRevoked?.(claims) !== true) return null
  return rejected(refuse('session_revoked', { tokenPresented: true }))
}

function invalid(detail?: string): Outcome {
  const refusal: Refusal = refuse('token_invalid', {
    tokenPresented: true,
    ...(detail === undefined ? {} : { detail }),
  })
  return rejected(refusal)
}
