import { userOf, type Principal, type User } from '../authn/principal.ts'
import type { IdentityConfig, IdentitySource } from '../config/types.ts'

/** The sources that are there whatever Better Auth's configuration adds. */
export const knownSources = [
  'user.id',
  'user.email',
  'user.name',
  'user.role',
  'user.image',
  'user.externalId',
  'session.id',
  'session.organizationId',
  'session.organizationRole',
  'session.impersonatedBy',
] as const satisfies readonly IdentitySource[]

/** The name of the field that a source reads, where it is one that Better Auth's configuration adds to its users; else null. */
export function addedField(source: string): string | null {
  const isKnown = (knownSources as readonly string[]).includes(source)
  return !isKnown && source.startsWith('user.') ? source.slice('user.'.length) : null
}

/** The fields that Better Auth's configuration must have added to its users, each once. */
export function addedFields({ headers, token }: IdentityConfig): readonly string[] {
  const used = [...headers, ...(token?.claims ?? [])].map(({ source }) => source)
  const fields = [...used, token?.subject ?? 'user.id'].map(addedField)
  return [...new Set(fields.filter((field) => field !== null))].sort()
}

/**
 * The value of one source for a principal, or null where there is none. An e-mail address that nobody has verified is no
 * identity, and is never shown.
 */
export function readSource(principal: Principal, source: IdentitySource): string | null {
  const session = principal.kind === 'session' ? principal.session : null
  const user = userOf(principal)
  switch (source) {
    case 'user.id':
      return principal.userId
    case 'user.email':
      return user?.emailVerified === true ? user.email : null
    case 'user.name':
      return user?.name ?? null
    case 'user.role':
      return user?.role ?? null
    case 'user.image':
      return user?.image ?? null
    case 'user.externalId':
      return user?.externalId ?? null
    case 'session.id':
      return session?.id ?? null
    case 'session.organizationId':
      return session?.organization?.id ?? null
    case 'session.organizationRole':
      return session?.organization?.role ?? null
    case 'session.impersonatedBy':
      return session?.impersonatedBy ?? null
    default:
      return user === null ? null : readField(user, source.slice('user.'.length))
  }
}

function readField({ fields }: User, name: string): string | null {
  return Object.hasOwn(fields, name) ? (fields[name] ?? null) : null
}
