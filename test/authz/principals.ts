import type { Principal, Session, User } from '../../src/authn/principal.ts'
import type { AccessNeeds, RouteAuth } from '../../src/config/types.ts'

export const nowMs = 1_000_000_000

export function user(more: Partial<User> = {}): User {
  return {
    id: 'ada',
    email: 'ada@example.com',
    emailVerified: true,
    name: 'Ada',
    image: null,
    role: null,
    banned: false,
    externalId: null,
    fields: {},
    ...more,
  }
}

/** Signed in a minute ago. */
export function session(more: Partial<Session> = {}): Session {
  return {
    id: 's1',
    createdAtMs: nowMs - 60_000,
    expiresAtMs: nowMs + 60_000,
    refreshAtMs: Infinity,
    user: user(),
    impersonatedBy: null,
    organization: null,
    ...more,
  }
}

export function byCookie(more: Partial<Session> = {}): Principal {
  return { kind: 'session', via: 'cookie', userId: 'ada', session: session(more) }
}

/** By a token that was issued from a session. */
export function byOwnToken(more: Partial<Session> = {}): Principal {
  return { kind: 'session', via: 'bearer', userId: 'ada', session: session(more) }
}

export function byToken(
  more: Partial<Extract<Principal, { readonly kind: 'bearer' }>> = {},
): Principal {
  const nothing = { passesOn: true, roles: [], scopes: [], user: null }
  return { kind: 'bearer', userId: 'ada', expiresAt: nowMs / 1000 + 60, ...nothing, ...more }
}

export function byKey(scopes: readonly string[] = [], more: Partial<User> = {}): Principal {
  return { kind: 'apiKey', userId: 'ada', keyId: 'k1', user: user(more), scopes }
}

/** A route that asks for this much and nothing more. */
export function asking(
  needs: Partial<AccessNeeds>,
  accept: RouteAuth['accept'] = null,
): Pick<RouteAuth, 'accept' | 'needs'> {
  const nothing = { roles: null, scopes: null, freshMs: null, owner: null, organization: null }
  return { accept, needs: { ...nothing, emailVerified: false, ...needs } }
}
