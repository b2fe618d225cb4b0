import type { DBAdapter } from 'better-auth'
import type { Note, UserFields } from '../notes.ts'

type Writer = Omit<DBAdapter, 'transaction'>
type Where = Parameters<DBAdapter['findMany']>[0]['where']
interface Data {
  readonly model: string
  readonly where?: Where
  readonly data?: Readonly<Record<string, unknown>>
  readonly update?: Readonly<Record<string, unknown>>
}
type Write = (data: Data) => Promise<unknown>
type Name = 'create' | 'update' | 'updateMany' | 'delete' | 'deleteMany' | 'consumeOne'

const names: readonly Name[] = [
  'create',
  'update',
  'updateMany',
  'delete',
  'deleteMany',
  'consumeOne',
]

/** Of an organisation that is deleted, so many members are named. */
const maxNamed = 1000

/**
 * Better Auth's adapter with an eye on writes that the audit log speaks of, whichever endpoint makes them: users, passwords, API keys, memberships. What is written in a
 * transaction counts when it is committed; what failed was not written.
 *
 * Not seen: sessions, which have hooks and may be kept elsewhere, and rows changed behind the adapter's back.
 */
export function watchForAudit(adapter: DBAdapter, note: (note: Note) => void): DBAdapter {
  return {
    ...watched(adapter, note),
    transaction: async (work) => {
      const held: Note[] = []
      const result = await adapter.transaction((inside) =>
        work(watched(inside, (each) => held.push(each))),
      )
      held.forEach(note)
      return result
    },
  }
}

function watched<A extends Writer>(adapter: A, note: (note: Note) => void): A {
  const wrapped = names.map((name): readonly [Name, Write] => {
    const write = (data: Data): Promise<unknown> => (adapter[name] as unknown as Write)(data)
    return [
      name,
      async (data) => {
        const members = data.model === 'member' ? await membersOf(adapter, data.where) : []
        const result = await write(data)
        const seen =
          data.model === 'member' ? ofMembers(name, members, result) : seenIn(name, data, result)
        seen.forEach(note)
        return result
      },
    ]
  })
  return { ...adapter, ...Object.fromEntries(wrapped) }
}

function seenIn(name: Name, data: Data, result: unknown): readonly Note[] {
  const row = (result ?? {}) as Readonly<Record<string, unknown>>
  switch (data.model) {
    case 'user':
      return ofUser(name, data, row)
    case 'account':
      return ofAccount(name, data, row)
    case 'apikey':
      return ofKey(name, data, row)
    default:
      return []
  }
}

function ofUser(
  name: Name,
  { update = {}, where }: Data,
  row: Data['data'] & object,
): readonly Note[] {
  const userId = textOf(row['id']) ?? soleValue(where, 'id')
  if (userId === null) return []
  if (name === 'create') return [{ kind: 'user-created', userId }]
  if (name !== 'update' && name !== 'updateMany') return []
  const isOfInterest = interesting.some((field) => update[field] !== undefined)
  const fields = update as UserFields
  return isOfInterest ? [{ kind: 'user-updated', userId, fields }] : []
}

const interesting = ['email', 'emailVerified', 'banned', 'role', 'twoFactorEnabled'] as const

/** A password of an account that was there is named by its user; one that is only hashed anew, by its row and its old value. */
function ofAccount(name: Name, data: Data, row: Data['data'] & object): readonly Note[] {
  const isWritten = typeof (data.update ?? data.data)?.['password'] === 'string'
  if (!isWritten) return []
  const isHashedAnew = data.where?.some(({ field }) => field === 'password') === true
  const found = data.where?.find(({ field }) => field === 'userId')?.value
  const userId = textOf(found) ?? textOf(row['userId'])
  if (userId === null || isHashedAnew) return []
  return [{ kind: 'password-written', userId, isNew: name === 'create' }]
}

function ofKey(name: Name, { where }: Data, row: Data['data'] & object): readonly Note[] {
  const keyId = textOf(row['id']) ?? soleValue(where, 'id')
  if (keyId === null) return []
  const userId = textOf(row['referenceId']) ?? textOf(row['userId'])
  if (name === 'create') return [{ kind: 'key-created', keyId, userId }]
  return name === 'delete' ? [{ kind: 'key-deleted', keyId, userId }] : []
}

interface Member {
  readonly id: string
  readonly userId: string
  readonly organizationId: string
  readonly role?: string | null
}

async function membersOf(adapter: Writer, where: Where): Promise<readonly Member[]> {
  if (where === undefined) return []
  return adapter.findMany<Member>({ model: 'member', where, limit: maxNamed })
}

function ofMembers(name: Name, before: readonly Member[], result: unknown): readonly Note[] {
  const row = (result ?? {}) as Partial<Member>
  const of = (
    kind: 'member-added' | 'member-changed' | 'member-removed',
    member: Member,
  ): Note => ({
    ...{ kind, userId: member.userId, organizationId: member.organizationId },
    roles: member.role ?? null,
  })
  if (name === 'create') return row.userId === undefined ? [] : [of('member-added', row as Member)]
  if (name === 'update' || name === 'updateMany')
    return before.map((member) => of('member-changed', { ...member, ...pick(row) }))
  return before.map((member) => of('member-removed', member))
}

function pick({ role }: Partial<Member>): Partial<Member> {
  return role === undefined ? {} : { role }
}

/** The value that a condition asks one field to have, where it asks for nothing else. */
function soleValue(where: Where, field: string): string | null {
  const [only, ...more] = where ?? []
  const isSole = only?.field === field && (only.operator ?? 'eq') === 'eq' && more.length === 0
  return isSole ? textOf(only.value) : null
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
