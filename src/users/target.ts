import { randomUUID } from 'node:crypto'
import type { DBAdapter } from 'better-auth'
import { isImported } from '../session/embedded/hashes/imported.ts'
import type { ImportTarget } from '../session/embedded/prepare/import.ts'
import type { Ids, PlannedUser } from './plan.ts'

type Reader = Pick<DBAdapter, 'findMany'>
type Writer = Parameters<Parameters<DBAdapter['transaction']>[0]>[0]

/** A user that Better Auth has, as far as it is compared. */
export interface ExistingUser {
  readonly id: string
  readonly email: string
  readonly banned?: boolean | null
  readonly externalId?: string | null
  /** null: none of its own. */
  readonly password: string | null
}

/** Those that Better Auth has of a batch. */
export interface Existing {
  readonly byId: ReadonlyMap<string, ExistingUser>
  readonly byEmail: ReadonlyMap<string, ExistingUser>
}

export type Comparison =
  | { readonly kind: 'new' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'conflict'; readonly reason: string }

/** Looks for the users of a batch by id, or by the id that they had, and by e-mail address. */
export async function findExisting(
  { adapter, isEmpty }: Pick<ImportTarget, 'adapter' | 'isEmpty'>,
  users: readonly PlannedUser[],
  ids: Ids,
): Promise<Existing> {
  if (isEmpty || users.length === 0) return { byId: new Map(), byEmail: new Map() }
  const key = ids === 'keep' ? 'id' : 'externalId'
  const sources = users.map(({ source }) => source)
  const rows = [
    ...(await findUsers(
      adapter,
      key,
      sources.map(({ id }) => id),
    )),
    ...(await findUsers(
      adapter,
      'email',
      sources.map(({ email }) => email),
    )),
  ]
  const passwords = await findPasswords(adapter, rows)
  const found = rows.map((row) => ({ ...row, password: passwords.get(row.id) ?? null }))
  return {
    byId: new Map(found.map((user) => [user[key] ?? '', user])),
    byEmail: new Map(found.map((user) => [user.email, user])),
  }
}

type UserRow = Omit<ExistingUser, 'password'>

function findUsers(
  adapter: Reader,
  field: 'id' | 'externalId' | 'email',
  value: string[],
): Promise<UserRow[]> {
  const where = [{ field, operator: 'in' as const, value }]
  return adapter.findMany<UserRow>({ model: 'user', where, limit: value.length })
}

async function findPasswords(
  adapter: Reader,
  users: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, string | null>> {
  const value = [...new Set(users.map(({ id }) => id))]
  if (value.length === 0) return new Map()
  type Account = { readonly userId: string; readonly password?: string | null }
  const accounts = await adapter.findMany<Account>({
    model: 'account',
    where: [
      { field: 'userId', operator: 'in', value },
      { field: 'providerId', value: 'credential' },
    ],
    limit: value.length,
  })
  return new Map(accounts.map(({ userId, password }) => [userId, password ?? null]))
}

/** What is there is never changed: where it is another than the row's, that is said. A password that was set or hashed anew here is nobody else's. */
export function compareUser(user: PlannedUser, { byId, byEmail }: Existing): Comparison {
  const { source, passwordHash, isBanned } = user
  const existing = byId.get(source.id)
  const conflict = (reason: string): Comparison => ({ kind: 'conflict', reason })
  if (existing === undefined) {
    return byEmail.has(source.email)
      ? conflict('somebody else has its e-mail address here')
      : { kind: 'new' }
  }
  if (existing.email !== source.email) return conflict('it has another e-mail address here')
  const isOwn = existing.password !== null && !isImported(existing.password)
  if (!source.isActive && (isBanned ? existing.banned !== true : existing.password !== null)) {
    return conflict('it is not active any more, and can still sign in here')
  }
  if (isOwn || existing.password === passwordHash) return { kind: 'unchanged' }
  return conflict(`it has ${existing.password === null ? 'no' : 'another'} password here`)
}

export interface WrittenAs {
  readonly ids: Ids
  /** The id of old is kept besides, by which FastAPI may know its users. */
  readonly hasExternalId: boolean
}

/** Writes them all or none of them. */
export function writeUsers(
  { adapter }: Pick<ImportTarget, 'adapter'>,
  users: readonly PlannedUser[],
  as: WrittenAs,
  now: () => number,
): Promise<void> {
  return adapter.transaction(async (writer) => {
    for (const user of users) await writeUser(writer, user, as, new Date(now()))
  })
}

async function writeUser(
  writer: Writer,
  { source, passwordHash, role, isBanned }: PlannedUser,
  { ids, hasExternalId }: WrittenAs,
  now: Date,
): Promise<void> {
  const id = ids === 'keep' ? source.id : randomUUID()
  const { name, email, emailVerified, image } = source
  const times = { createdAt: source.createdAt ?? now, updatedAt: now }
  await writer.create({
    model: 'user',
    forceAllowId: true,
    data: {
      id,
      name,
      email,
      emailVerified,
      ...times,
      ...(image === null ? {} : { image }),
      ...(role === null ? {} : { role }),
      ...(isBanned ? { banned: true, banReason: 'was not active when it was imported' } : {}),
      ...(hasExternalId ? { externalId: source.id } : {}),
    },
  })
  if (passwordHash === null) return
  await writer.create({
    model: 'account',
    data: {
      userId: id,
      accountId: id,
      providerId: 'credential',
      password: passwordHash,
      ...times,
    },
  })
}
