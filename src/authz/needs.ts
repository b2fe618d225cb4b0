import { userOf, type Principal } from '../authn/principal.ts'
import type { AccessNeeds, CredentialKind, RouteAuth } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { judgeKind, kindOf } from './kind.ts'

/** What of a request its principal is compared with. */
export interface Asked {
  /** The value of the parameter that `owner` names, as the match of the route has it; null where there is none. */
  readonly owner: string | null
  /** Wall clock, milliseconds. */
  readonly nowMs: number
}

/**
 * Whether a principal has what a route asks for, all of it. Returns the first refusal, or null: `token_not_accepted`,
 * `role_missing`, `scope_missing`, `organization_missing`, `not_owner`, `email_not_verified`, and last what signing in again
 * mends, `session_not_fresh`. What is not known counts as missing.
 *
 * Not checked: bans, and where the request comes from.
 */
export function judgeNeeds(
  principal: Principal,
  { accept, needs }: Pick<RouteAuth, 'accept' | 'needs'>,
  asked: Asked,
): Refusal | null {
  const unaccepted = judgeKind(kindOf(principal), accept)
  if (unaccepted !== null || needs === null) return unaccepted
  return (
    judgeRoles(principal, needs.roles) ??
    judgeScopes(principal, needs.scopes, accept) ??
    judgeOrganization(principal, needs.organization) ??
    judgeOwner(principal, needs.owner, asked) ??
    judgeEmail(principal, needs.emailVerified) ??
    judgeFreshness(principal, needs.freshMs, asked)
  )
}

function judgeRoles(principal: Principal, wanted: AccessNeeds['roles']): Refusal | null {
  return wanted === null || hasOne(rolesOf(principal), wanted) ? null : refuse('role_missing')
}

function rolesOf(principal: Principal): readonly string[] {
  // A token speaks for its signer: the roles of the user whom it names are not its own.
  return principal.kind === 'bearer' ? principal.roles : splitRoles(userOf(principal)?.role ?? null)
}

/** Better Auth keeps several roles in one text, separated by commas. */
function splitRoles(text: string | null): readonly string[] {
  return text === null ? [] : text.split(',').map((role) => role.trim())
}

function hasOne(roles: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((role) => roles.includes(role))
}

/**
 * The scopes that a credential lacks are named, as RFC 6750 §3.1 has it. A session carries none; where the route names
 * `session` among what it accepts, a session is meant to pass without.
 */
function judgeScopes(
  principal: Principal,
  wanted: AccessNeeds['scopes'],
  accept: readonly CredentialKind[] | null,
): Refusal | null {
  if (wanted === null) return null
  if (principal.kind === 'session' && accept?.includes('session') === true) return null
  const held = principal.kind === 'session' ? [] : principal.scopes
  if (wanted.every((scope) => held.includes(scope))) return null
  return refuse('scope_missing', {
    scope: wanted.join(' '),
    ...(kindOf(principal) === 'bearer' ? { tokenPresented: true } : {}),
  })
}

function judgeOrganization(
  principal: Principal,
  wanted: AccessNeeds['organization'],
): Refusal | null {
  if (wanted === null) return null
  const organization = principal.kind === 'session' ? principal.session.organization : null
  if (organization === null) return refuse('organization_missing')
  if (wanted.roles === null || hasOne(splitRoles(organization.role), wanted.roles)) return null
  const detail = 'This resource needs another role in the active organisation than you have.'
  return refuse('role_missing', { detail })
}

/** Character by character: another spelling of an id may be the same to FastAPI, and is nobody's here. */
function judgeOwner(
  principal: Principal,
  wanted: AccessNeeds['owner'],
  asked: Asked,
): Refusal | null {
  return wanted === null || asked.owner === principal.userId ? null : refuse('not_owner')
}

function judgeEmail(principal: Principal, wanted: boolean): Refusal | null {
  const isVerified = userOf(principal)?.emailVerified === true
  return !wanted || isVerified ? null : refuse('email_not_verified')
}

function judgeFreshness(
  principal: Principal,
  wanted: AccessNeeds['freshMs'],
  { nowMs }: Asked,
): Refusal | null {
  if (wanted === null) return null
  // Whoever acts in a user's name has not signed in as them.
  const isTheirs = principal.kind === 'session' && principal.session.impersonatedBy === null
  const isFresh = isTheirs && nowMs - principal.session.createdAtMs <= wanted
  return isFresh ? null : refuse('session_not_fresh')
}
