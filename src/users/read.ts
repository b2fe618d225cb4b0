import { z } from 'zod'
import type { Field, Mapping } from './columns.ts'

/** A row of the table, read. */
export interface SourceUser {
  readonly id: string
  /** Lower case, as Better Auth looks for it. */
  readonly email: string
  readonly name: string
  readonly emailVerified: boolean
  readonly isActive: boolean
  readonly isSuperuser: boolean
  readonly role: string | null
  readonly image: string | null
  readonly passwordHash: string | null
  /** null: nobody knows. */
  readonly createdAt: Date | null
  /** There is a time that cannot be read. */
  readonly isTimeUnclear: boolean
}

/** What is wrong with a row, in words that repeat nothing of it. */
export type ReadUser = SourceUser | { readonly id: string | null; readonly reason: string }

const noUser = (id: string | null, reason: string): ReadUser => ({ id, reason })

/** As FastAPI would have it in a path or a token, and as `X-User-Id` can carry it. */
const idGrammar = /^[\x21-\x7e]{1,128}$/
const emailAddress = z.email()
const notInText = /\0/
const compactUuid = /^([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})$/i

/**
 * Reads one row.
 * @param cells in the order of the mapping
 * @returns a reason where it cannot become a user. Not checked: whether anybody else has its id or address
 */
export function readUser(mapping: Mapping, cells: readonly (string | null)[]): ReadUser {
  const entries = [...mapping.keys()].map((field, at) => [field, cells[at] ?? null] as const)
  const row: Readonly<Partial<Record<Field, string | null>>> = Object.fromEntries(entries)
  const id = toId(row.id ?? null, mapping.get('id')?.holdsUuids === true)
  if (id === null) return noUser(null, 'has no id')
  if (!idGrammar.test(id)) return noUser(null, 'its id is not of 1 to 128 visible ASCII characters')
  const email = row.email?.toLowerCase() ?? null
  if (email === null) return noUser(id, 'has no e-mail address')
  if (!emailAddress.safeParse(email).success) {
    return noUser(id, 'its e-mail address is none that Better Auth lets sign in')
  }
  if (Object.values(row).some((cell) => notInText.test(cell ?? ''))) {
    return noUser(id, 'holds a NUL character')
  }
  const flags = readFlags(row)
  if (typeof flags === 'string') return noUser(id, flags)
  const createdAt = row.createdAt == null ? null : toTime(row.createdAt)
  return {
    id,
    email,
    name: row.name ?? '',
    role: row.role ?? null,
    image: row.image ?? null,
    passwordHash: row.passwordHash ?? null,
    createdAt,
    isTimeUnclear: createdAt === null && row.createdAt != null,
    emailVerified: flags.emailVerified,
    isSuperuser: flags.superuser,
    isActive: flags.isActive,
  }
}

function toId(text: string | null, isUuid: boolean): string | null {
  const parts = isUuid && text !== null ? compactUuid.exec(text) : null
  return parts === null ? text : parts.slice(1).join('-').toLowerCase()
}

interface Flags {
  readonly emailVerified: boolean
  readonly superuser: boolean
  readonly isActive: boolean
}

/** As text, which flag says neither yes nor no. */
function readFlags(row: Readonly<Partial<Record<Field, string | null>>>): Flags | string {
  const names = ['emailVerified', 'superuser', 'active'] as const
  const [emailVerified, superuser, active] = names.map((name) => toFlag(row[name] ?? null))
  const unclear = names.find((_, at) => [emailVerified, superuser, active][at] === null)
  if (unclear !== undefined) return `its column for ${unclear} says neither yes nor no`
  // Anything else than no, such as since when.
  const isDisabled = toFlag(row.disabled ?? null) !== false
  const isActive = (row.active === undefined || active === true) && !isDisabled
  return { emailVerified: emailVerified === true, superuser: superuser === true, isActive }
}

/** Nothing is no, as in Python. */
function toFlag(text: string | null): boolean | null {
  if (text === null || /^(?:f|false|n|no|off|0)$/i.test(text)) return false
  return /^(?:t|true|y|yes|on|1)$/i.test(text) ? true : null
}

const time =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))? ?(?:(Z)|([+-]\d\d)(?::?(\d\d))?(?::?\d\d)?)?)?$/

/** A time without a zone is UTC, as FastAPI's are. A number of ten digits is seconds, one of thirteen milliseconds. */
function toTime(text: string): Date | null {
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return new Date(Number(text) * 1000)
  if (/^\d{12,13}$/.test(text)) return new Date(Number(text))
  const [, day = '', clock = '00:00', fraction = '0', , hours = '+00', minutes = '00'] =
    time.exec(text) ?? []
  const read = new Date(
    `${day}T${clock}${clock.length === 5 ? ':00' : ''}.${fraction.slice(0, 3)}${hours}:${minutes}`,
  )
  return Number.isNaN(read.getTime()) ? null : read
}
