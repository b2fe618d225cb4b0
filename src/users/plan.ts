import { readImported } from '../session/embedded/hashes/imported.ts'
import type { SourceUser } from './read.ts'
import type { Traits } from './traits.ts'

export type Ids = 'keep' | 'external'

export interface Rules {
  readonly ids: Ids
  readonly includeInactive: boolean
  readonly traits: Traits
  readonly hasOnlyUuids: boolean
}

/** What is to become of a row. */
export interface PlannedUser {
  readonly source: SourceUser
  /** As it was stored elsewhere; null: none, or none that could be verified. */
  readonly passwordHash: string | null
  readonly isBanned: boolean
  readonly role: string | null
  /** What it comes without, in words that repeat nothing of it. */
  readonly incomplete: string | null
}

/** PostgreSQL writes them in one way only, whatever way they were written in. */
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** Says what becomes of a user; as text, why nothing does. */
export function planUser(source: SourceUser, rules: Rules): PlannedUser | string {
  const { ids, includeInactive, traits, hasOnlyUuids } = rules
  if (ids === 'keep' && hasOnlyUuids && !uuid.test(source.id)) {
    return 'its id is no UUID in lower case, as auth.database has them: see --ids external'
  }
  const isBarred = !source.isActive && traits.admin === null
  if (isBarred && !includeInactive) {
    return "is not active, and nobody can be banned without Better Auth's admin plugin: see --include-inactive"
  }
  const password = isBarred ? { hash: null, problem: null } : judgePassword(source.passwordHash)
  return {
    source,
    passwordHash: password.hash,
    isBanned: !source.isActive && traits.admin !== null,
    role: roleOf(source, traits),
    incomplete: joined([
      isBarred ? 'is not active, and comes without a password' : null,
      password.problem,
      source.isTimeUnclear
        ? 'its time of creation cannot be read: comes with the present one'
        : null,
    ]),
  }
}

function joined(parts: readonly (string | null)[]): string | null {
  const said = parts.filter((part) => part !== null)
  return said.length === 0 ? null : said.join('; ')
}

function judgePassword(hash: string | null): {
  readonly hash: string | null
  readonly problem: string | null
} {
  const read = hash === null ? null : readImported(hash)
  if (read === 'costly') {
    return {
      hash: null,
      problem: 'its password hash asks for more work than is allowed: comes without',
    }
  }
  const isUnknown = hash !== null && read === null
  return isUnknown
    ? { hash: null, problem: 'its password hash is of no known kind: comes without' }
    : { hash, problem: null }
}

function roleOf({ role, isSuperuser }: SourceUser, { admin, hasRole }: Traits): string | null {
  if (role !== null) return hasRole ? role : null
  if (admin === null) return null
  return isSuperuser ? admin.superuser : admin.other
}
