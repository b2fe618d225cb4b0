import { signToken } from '../../assertion/issue.ts'
import type { ApiKeys } from '../../authn/api-key.ts'
import type { Sessions } from '../../authn/sessions.ts'
import type { Users } from '../../authn/users.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { createHs256 } from '../../crypto/hs256.ts'
import { sessionCookieNames } from '../../session/cookies.ts'
import type { HeaderLine } from '../explanation.ts'
import { keyOfCaller, sessionOfCaller, userOfCaller, type MadeUpCaller } from './caller.ts'

/** Who can be asked about callers. */
export interface Sources {
  readonly sessions: Sessions
  readonly users: Users
  readonly apiKeys: ApiKeys
}

/** What a caller brings, and who knows of them. */
export interface Presented {
  readonly headers: readonly HeaderLine[]
  readonly sources: Sources
}

/** Nobody: there are no sessions, no users and no keys. */
export const nobody: Presented = {
  headers: [],
  sources: {
    sessions: {
      peek: () => undefined,
      findByToken: () => Promise.resolve(null),
      findById: () => Promise.resolve(null),
      wasRevoked: () => false,
    },
    users: { peek: () => undefined, find: () => Promise.resolve(null) },
    apiKeys: { peek: () => undefined, find: () => Promise.resolve({ kind: 'invalid' }) },
  },
}

const madeUpToken = 'made-up-session-token'
const madeUpKey = 'made-up-api-key'
/** No lifetime that a configuration allows is shorter, seconds. */
const bearerLife = 60

/**
 * Gives a made-up caller a credential that is real to everything that verifies it: a cookie that is signed as Better Auth signs it, a token
 * under the shared secret, or a key. Only who is asked about them is made up too. Not checked: `judgeCaller`.
 */
export function presentCaller(
  caller: MadeUpCaller,
  config: GatewayConfig,
  nowMs: number,
): Presented {
  const user = userOfCaller(caller)
  const { sessions, apiKeys } = nobody.sources
  const users: Users = {
    peek: () => undefined,
    find: (id) => Promise.resolve(id === user.id ? user : null),
  }
  switch (caller.via) {
    case 'session': {
      const session = sessionOfCaller(caller, config, nowMs)
      const findByToken: Sessions['findByToken'] = (_key, token) =>
        Promise.resolve(token === madeUpToken ? session : null)
      const sources = { sessions: { ...sessions, findByToken }, users, apiKeys }
      return { headers: [['cookie', cookieOf(config)]], sources }
    }
    case 'bearer': {
      const token = tokenOf(caller, config, nowMs)
      const sources = { sessions, users, apiKeys }
      return { headers: [['authorization', `Bearer ${token}`]], sources }
    }
    case 'apiKey': {
      const principal = keyOfCaller(caller)
      const find: ApiKeys['find'] = (_key, apiKey) =>
        Promise.resolve(
          apiKey === madeUpKey ? { kind: 'valid', principal } : { kind: 'invalid' as const },
        )
      const sources = { sessions, users, apiKeys: { ...apiKeys, find } }
      return { headers: [['x-api-key', madeUpKey]], sources }
    }
  }
}

/** Where a Better Auth elsewhere keeps its secret to itself, only the form of a signature is looked at, and this one has it. */
function cookieOf(config: GatewayConfig): string {
  const { signBase64 } = createHs256(config.auth.secrets[0] ?? 'kept elsewhere')
  const value = encodeURIComponent(`${madeUpToken}.${signBase64(madeUpToken)}`)
  return `${sessionCookieNames(config).token}=${value}`
}

function tokenOf(caller: MadeUpCaller, { bearer }: GatewayConfig, nowMs: number): string {
  const now = Math.floor(nowMs / 1000)
  const { userClaim, rolesClaim, scopesClaim, issuer, audience, secrets } = bearer
  const claims: Record<string, unknown> = { iat: now, exp: now + bearerLife }
  if (issuer !== null) claims['iss'] = issuer
  if (audience !== null) claims['aud'] = audience
  if (rolesClaim !== null && caller.roles.length > 0) claims[rolesClaim] = caller.roles
  if (scopesClaim !== null && caller.scopes.length > 0) claims[scopesClaim] = caller.scopes
  claims[userClaim] = caller.userId
  return signToken('JWT', claims, createHs256(secrets[0] ?? 'kept elsewhere').sign)
}
