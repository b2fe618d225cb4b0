import { createApiKeyReader, type ApiKeys } from '../authn/api-key.ts'
import type { AuthnDeps } from '../authn/authenticate.ts'
import { clockSkewSeconds, type ClaimRules } from '../authn/bearer/claims.ts'
import { createTokenVerifier } from '../authn/bearer/hs256.ts'
import { createIssuedTokenVerifier, type Issuer } from '../authn/bearer/issuers.ts'
import { createBearerReader, type BearerDeps } from '../authn/bearer/reader.ts'
import { createCookieReader } from '../authn/cookie.ts'
import type { Sessions } from '../authn/sessions.ts'
import { createTicketReader } from '../authn/ticket/reader.ts'
import type { TicketStore } from '../authn/ticket/store.ts'
import type { Users } from '../authn/users.ts'
import type { BearerConfig, GatewayConfig } from '../config/types.ts'
import { createHs256, digest, type Hs256 } from '../crypto/hs256.ts'
import type { KeySets } from '../issuers/key-sets.ts'
import { sessionCookieNames } from '../session/cookies.ts'
import { createSessionSeal } from '../session/remote/seal.ts'
import type { RevocationMarks } from '../session/revocation/marks.ts'
import { ticketSeal } from './tickets.ts'

/** Who can be asked about callers. */
export interface AuthnParts {
  readonly sessions: Sessions
  /** null: nobody can be asked for a user by id. */
  readonly users: Users | null
  /** null: there are no API keys. */
  readonly apiKeys: ApiKeys | null
  readonly issuers: Pick<KeySets, 'of'>
  readonly marks: Pick<RevocationMarks, 'isRevoked'>
  readonly tickets: TicketStore
}

/** How callers are recognised. @param keys the shared secrets */
export function authnDeps(
  config: GatewayConfig,
  parts: AuthnParts,
  keys: readonly Hs256[],
): AuthnDeps {
  const { sessions, apiKeys, users, tickets } = parts
  const verifySignature = signatureCheck(config)
  return {
    readBearer: createBearerReader({
      ...sharedSecrets(config, keys),
      ...optionalKinds(config, parts),
      sessions,
      isRevoked: (claims) => parts.marks.isRevoked(claims),
    }),
    readTicket: createTicketReader({
      tickets,
      digest,
      sessions,
      unseal: ticketSeal(config).unseal,
      needsProof: config.auth.remote !== null,
      bearerUsers: config.bearer.requireUser ? users : null,
      keyUsers: users,
      isRevoked: (claims) => parts.marks.isRevoked(claims),
    }),
    readCookie: createCookieReader({
      cookieName: sessionCookieNames(config).token,
      sessions,
      verifySignature,
      digest,
    }),
    ...(config.bearer.apiKeys && apiKeys !== null
      ? { readApiKey: createApiKeyReader({ apiKeys, digest }) }
      : {}),
  }
}

function sharedSecrets(
  config: GatewayConfig,
  keys: readonly Hs256[],
): Pick<BearerDeps, 'verify' | 'rules' | 'unseal'> {
  const seal = createSessionSeal(config)
  return {
    verify: createTokenVerifier({ verifiers: keys.map(({ verify }) => verify), digest }),
    rules: claimRules(config.bearer, config.bearer),
    ...(seal === null ? {} : { unseal: seal.unseal }),
  }
}

/** What is accepted only where the configuration says so. */
function optionalKinds(
  config: GatewayConfig,
  { sessions, users, issuers: keySets }: AuthnParts,
): Pick<BearerDeps, 'verifyIssued' | 'sessionTokens' | 'users'> {
  const { jwks, sessionTokens, requireUser } = config.bearer
  const keys = keySets.of(jwks)
  const issuers = jwks.flatMap((issuer, index): Issuer[] => {
    const published = keys[index]
    if (published === undefined) return []
    const { algorithms, sessions: live } = issuer
    return [
      { rules: claimRules(issuer, config.bearer), algorithms, keys: published, sessions: live },
    ]
  })
  if (requireUser && users === null) throw new Error('nobody can be asked for users')
  if (sessionTokens && config.auth.secrets.length === 0) {
    throw new Error('without a secret every session token would be believed')
  }
  const verifySignature = signatureCheck(config)
  return {
    ...(issuers.length > 0 ? { verifyIssued: createIssuedTokenVerifier({ issuers, digest }) } : {}),
    ...(sessionTokens ? { sessionTokens: { sessions, verifySignature, digest } } : {}),
    ...(requireUser && users !== null ? { users } : {}),
  }
}

function claimRules(
  {
    userClaim,
    rolesClaim,
    scopesClaim,
    issuer,
    audience,
  }: Omit<ClaimRules, 'maxLifetime' | 'clockSkew'>,
  { maxLifetimeMs }: Pick<BearerConfig, 'maxLifetimeMs'>,
): ClaimRules {
  return {
    userClaim,
    rolesClaim,
    scopesClaim,
    issuer,
    audience,
    maxLifetime: maxLifetimeMs / 1000,
    clockSkew: clockSkewSeconds,
  }
}

/** Of session cookies. Where the secret is kept elsewhere, only the form is checked here: a remote Better Auth decides. */
function signatureCheck({ auth }: GatewayConfig): (token: string, signature: string) => boolean {
  const keys = auth.secrets.map(createHs256)
  if (keys.length === 0) return () => true
  return (token, signature) => keys.some(({ verifyBase64 }) => verifyBase64(token, signature))
}
