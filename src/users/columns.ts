import { closest, distance } from 'fastest-levenshtein'
import { StartupError } from '../errors/startup.ts'
import type { SourceColumn } from './source/port.ts'

/** What of a user can be read, with what its column is usually called; the first that is there counts. Case, `_` and `-` do not. */
const usualNames = {
  id: ['id', 'userId', 'uuid'],
  email: ['email', 'emailAddress'],
  passwordHash: ['hashedPassword', 'passwordHash', 'password'],
  name: ['fullName', 'name', 'displayName', 'username'],
  emailVerified: ['isVerified', 'emailVerified', 'isEmailVerified'],
  active: ['isActive', 'active'],
  disabled: ['disabled', 'isDisabled'],
  superuser: ['isSuperuser', 'isAdmin'],
  role: [],
  image: [],
  createdAt: ['createdAt', 'dateJoined'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Field = keyof typeof usualNames
export type Mapping = ReadonlyMap<Field, SourceColumn>

export const fields = Object.keys(usualNames) as readonly Field[]

/** The tables of two templates, column by column: what else a table has is not looked at. */
export const presets = {
  'fastapi-template': {
    id: 'id',
    email: 'email',
    passwordHash: 'hashed_password',
    name: 'full_name',
    active: 'is_active',
    superuser: 'is_superuser',
    createdAt: 'created_at',
  },
  'fastapi-users': {
    id: 'id',
    email: 'email',
    passwordHash: 'hashed_password',
    active: 'is_active',
    superuser: 'is_superuser',
    emailVerified: 'is_verified',
  },
} as const satisfies Readonly<Record<string, Readonly<Partial<Record<Field, string>>>>>

export type Preset = keyof typeof presets

/** The template got it late. */
const optional: ReadonlySet<Field> = new Set(['createdAt'])

/** Says who may no longer sign in, under a name that stands for more than one thing. */
const suspicious =
  /^(?:is)?(?:deleted|banned|blocked|locked|suspended|archived|deactivated)(?:at|on)?$/

export interface Choice {
  readonly map: ReadonlyMap<Field, string | null>
  readonly preset: Preset | null
}

export interface Chosen {
  readonly mapping: Mapping
  readonly unused: readonly string[]
  /** Of those, what may say that somebody must not sign in. */
  readonly suspicious: readonly string[]
}

/**
 * Reads `--map`: `field=column` pairs with commas between them; a field without a column is not read. Throws a `StartupError`.
 */
export function parseMap(text: string): Choice['map'] {
  const pairs = text === '' ? [] : text.split(',')
  const map = new Map<Field, string | null>()
  for (const pair of pairs) {
    const [, name = '', column = ''] = /^([^=]*)(?:=(.*))?$/s.exec(pair) ?? []
    const field = fields.find((each) => each === name.trim())
    if (field === undefined || !pair.includes('='))
      throw new StartupError(unknownField(name.trim()))
    if (map.has(field)) throw new StartupError(`--map: ${field} is there twice`)
    map.set(field, column.trim() === '' ? null : column.trim())
  }
  return map
}

function unknownField(name: string): string {
  const near = closest(name, fields)
  const hint = distance(name, near) <= 3 ? `; did you mean ${near}?` : ''
  return `--map: expected field=column, with one of ${fields.join(', ')}, not ${JSON.stringify(name)}${hint}`
}

/** Says which column holds what. Throws a `StartupError` where one that is named is missing, or nothing says who a row is. */
export function chooseColumns(columns: readonly SourceColumn[], { map, preset }: Choice): Chosen {
  const mapping = new Map<Field, SourceColumn>()
  for (const field of fields) {
    const column = map.has(field)
      ? named(columns, map.get(field) ?? null, '--map')
      : preset === null
        ? guess(columns, field)
        : ofPreset(columns, preset, field)
    if (column !== null) mapping.set(field, column)
  }
  refuseUseless(mapping, columns)
  const used = new Set([...mapping.values()].map(({ name }) => name))
  const unused = columns.map(({ name }) => name).filter((name) => !used.has(name))
  return { mapping, unused, suspicious: unused.filter((name) => suspicious.test(plain(name))) }
}

function named(
  columns: readonly SourceColumn[],
  name: string | null,
  place: string,
): SourceColumn | null {
  if (name === null) return null
  const found = columns.find((column) => column.name === name)
  if (found !== undefined) return found
  throw new StartupError(`${place}: there is no column ${JSON.stringify(name)}, ${listed(columns)}`)
}

function ofPreset(
  columns: readonly SourceColumn[],
  preset: Preset,
  field: Field,
): SourceColumn | null {
  const names: Readonly<Partial<Record<Field, string>>> = presets[preset]
  const name = names[field]
  if (name === undefined) return null
  const isThere = columns.some((column) => column.name === name)
  return optional.has(field) && !isThere ? null : named(columns, name, `--preset ${preset}`)
}

function guess(columns: readonly SourceColumn[], field: Field): SourceColumn | null {
  for (const usual of usualNames[field]) {
    const found = columns.find(({ name }) => plain(name) === usual.toLowerCase())
    if (found !== undefined) return found
  }
  return null
}

function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase()
}

function refuseUseless(mapping: Mapping, columns: readonly SourceColumn[]): void {
  const missing = (['id', 'email'] as const).find((field) => !mapping.has(field))
  if (missing !== undefined) {
    throw new StartupError(
      `--map: no column looks like ${missing}, ${listed(columns)}: say it with --map ${missing}=COLUMN`,
    )
  }
  const [id, hash] = [mapping.get('id'), mapping.get('passwordHash')]
  // What is no secret is printed.
  if (id === hash || mapping.get('email') === hash) {
    throw new StartupError('--map: passwordHash is a column of its own')
  }
}

function listed(columns: readonly SourceColumn[]): string {
  return `only ${columns.map(({ name }) => name).join(', ')}`
}
