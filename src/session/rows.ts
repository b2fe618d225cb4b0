import type { Session, User } from '../authn/principal.ts'

/** The rows as far as we read them; plugins add what may be missing. */
export interface Rows {
  readonly session: {
    readonly id: string
    readonly userId: string
    readonly expiresAt: Date | string
    readonly createdAt: Date | string
    readonly impersonatedBy?: string | null
    readonly activeOrganizationId?: string | null
  }
  readonly user: {
    readonly id: string
    readonly email: string
    readonly emailVerified: boolean
    readonly name: string
    readonly image?: string | null | undefined
    readonly role?: string | null
    readonly banned?: boolean | null
    readonly banExpires?: Date | string | null
    readonly externalId?: unknown
  }
}

/** A session with its user as the gateway knows them. Not checked: whether it still lives. */
export function toSession(
  { session, user }: Rows,
  {
    now,
    refreshAtMs,
    organization,
  }: { readonly now: number } & Pick<Session, 'refreshAtMs' | 'organization'>,
): Session {
  return {
    id: session.id,
    createdAtMs: new Date(session.createdAt).getTime(),
    expiresAtMs: new Date(session.expiresAt).getTime(),
    refreshAtMs,
    user: toUser(user, now),
    impersonatedBy: session.impersonatedBy ?? null,
    organization,
  }
}

/** A user as the gateway knows them. `now` is the wall clock in milliseconds: a ban may have run out. */
export function toUser(row: Rows['user'], now: number): User {
  const isOver = row.banExpires ? new Date(row.banExpires).getTime() <= now : false
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.emailVerified,
    name: row.name,
    image: row.image ?? null,
    role: row.role ?? null,
    banned: row.banned === true && !isOver,
    externalId: toText(row.externalId),
    fields: addedFields(row),
  }
}

/** What has a place of its own in `User`, and what says nothing about who somebody is. */
const otherFields = new Set([
  'id',
  'email',
  'emailVerified',
  'name',
  'image',
  'role',
  'banned',
  'banReason',
  'banExpires',
  'externalId',
  'createdAt',
  'updatedAt',
])
const noFields: User['fields'] = Object.freeze({})
/** Characters; a longer text is no name of anything, and would be kept with every cached session. */
const maxFieldLength = 512

function addedFields(row: Rows['user']): User['fields'] {
  const fields = Object.entries(row).flatMap(([name, value]) => {
    const text = otherFields.has(name) ? null : toText(value)
    return text === null ? [] : [[name, text] as const]
  })
  return fields.length === 0 ? noFields : Object.fromEntries(fields)
}

function toText(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const isUsable = typeof value === 'string' && value !== '' && value.length <= maxFieldLength
  return isUsable ? value : null
}
