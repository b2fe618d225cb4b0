import type { ApiKeyPrincipal, Session, User } from '../../authn/principal.ts'
import type { GatewayConfig } from '../../config/types.ts'
import type { TestCaller } from '../../config/types/test.ts'

/** Somebody who is made up to ask what they could do. */
export type MadeUpCaller = TestCaller

/** Something about a caller that the configuration gives no place to. */
export interface MisplacedPart {
  readonly part: 'roles' | 'scopes' | 'organization' | 'via' | 'sessionAge'
  readonly message: string
}

/** What of a made-up caller could not be so: nobody can have such a credential, or it would count for nothing. */
export function judgeCaller(
  { via, roles, scopes, organization, sessionAgeMs }: MadeUpCaller,
  { bearer, auth }: Pick<GatewayConfig, 'bearer' | 'auth'>,
): readonly MisplacedPart[] {
  const found: (MisplacedPart | false)[] = [
    via === 'apiKey' && !bearer.apiKeys && problem('via', 'bearer.apiKeys is false'),
    via === 'session' && scopes.length > 0 && problem('scopes', 'a session carries no scopes'),
    via === 'bearer' &&
      roles.length > 0 &&
      bearer.rolesClaim === null &&
      problem('roles', 'bearer.rolesClaim is not set: the roles of a token do not count'),
    via === 'bearer' &&
      scopes.length > 0 &&
      bearer.scopesClaim === null &&
      problem('scopes', 'bearer.scopesClaim is not set: the scopes of a token do not count'),
    via !== 'session' &&
      organization !== null &&
      problem('organization', 'only a session has an active organisation'),
    via !== 'session' && sessionAgeMs > 0 && problem('sessionAge', 'there is no session'),
    sessionAgeMs > auth.session.lifetimeMs &&
      auth.remote === null &&
      problem('sessionAge', 'a session that old has ended, unless it was extended'),
  ]
  return found.filter((each) => each !== false)
}

function problem(part: MisplacedPart['part'], message: string): MisplacedPart {
  return { part, message }
}

export function userOfCaller(caller: MadeUpCaller): User {
  const { userId, email, emailVerified, roles, banned, externalId } = caller
  return {
    id: userId,
    email: email ?? '',
    emailVerified: email !== null && emailVerified,
    name: userId,
    image: null,
    role: roles.length === 0 ? null : roles.join(','),
    banned,
    externalId,
    fields: {},
  }
}

/** A session of theirs that has just been extended. */
export function sessionOfCaller(
  caller: MadeUpCaller,
  { auth }: GatewayConfig,
  nowMs: number,
): Session {
  return {
    id: 'made-up-session',
    createdAtMs: nowMs - caller.sessionAgeMs,
    expiresAtMs: nowMs + auth.session.lifetimeMs,
    refreshAtMs: nowMs + auth.session.refreshAfterMs,
    user: userOfCaller(caller),
    impersonatedBy: null,
    organization: caller.organization,
  }
}

export function keyOfCaller(caller: MadeUpCaller): ApiKeyPrincipal {
  const { userId, scopes } = caller
  return { kind: 'apiKey', userId, keyId: 'made-up-key', user: userOfCaller(caller), scopes }
}
