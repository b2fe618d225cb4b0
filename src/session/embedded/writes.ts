import type { DBAdapter } from 'better-auth'

type Writer = Omit<DBAdapter, 'transaction'>
type Write = (data: {
  readonly model: string
  readonly where?: Parameters<DBAdapter['findMany']>[0]['where']
}) => Promise<unknown>

/** Says something now, or when it is committed. */
type Note = (say: (listener: WriteListener) => void) => void

export interface WriteListener {
  userChanged(event: { readonly userId: string }): void
  userRevoked(event: { readonly userId: string }): void
  everythingChanged(): void
}

const writes = [
  'create',
  'update',
  'updateMany',
  'delete',
  'deleteMany',
  'consumeOne',
  'incrementOne',
] as const satisfies readonly (keyof Writer)[]

/** Of an organisation that is deleted, so many members are named. */
const maxNamed = 1000

/**
 * Better Auth's adapter with an eye on what Better Auth has no hooks for: on memberships, however they are changed, and on all sessions of a user being ended
 * together, which also concerns what others have issued for that user. The listener hears of it when the change is committed, before whoever made it is answered. A
 * change that failed is told too, because it may have been made all the same.
 *
 * Not seen: rows changed behind the adapter's back.
 */
export function watchWrites(adapter: DBAdapter, listener: WriteListener): DBAdapter {
  return {
    ...watched(adapter, (say) => {
      say(listener)
    }),
    transaction: async (work) => {
      const notes: Parameters<Note>[0][] = []
      try {
        return await adapter.transaction((inside) =>
          work(watched(inside, (say) => notes.push(say))),
        )
      } finally {
        for (const say of notes) say(listener)
      }
    },
  }
}

function watched<A extends Writer>(adapter: A, note: Note): A {
  const watchedWrites = writes.map((name): readonly [string, Write] => {
    const write = (data: Parameters<Write>[0]): Promise<unknown> => (adapter[name] as Write)(data)
    return [
      name,
      (data) => {
        if (data.model === 'member')
          return writeMembers(adapter, () => write(data), data.where, note)
        const userId =
          name === 'deleteMany' && data.model === 'session' ? soleUser(data.where) : null
        return userId === null ? write(data) : endSessions(() => write(data), userId, note)
      },
    ]
  })
  return { ...adapter, ...Object.fromEntries(watchedWrites) }
}

async function writeMembers(
  adapter: Writer,
  write: () => Promise<unknown>,
  where: Parameters<Write>[0]['where'],
  note: Note,
): Promise<unknown> {
  const before = where === undefined ? [] : await usersOf(adapter, where)
  let after: string[] = []
  try {
    const result = await write()
    after = userIn(result)
    return result
  } finally {
    note((listener) => {
      if (before === null) listener.everythingChanged()
      else for (const userId of new Set([...before, ...after])) listener.userChanged({ userId })
    })
  }
}

async function endSessions(
  write: () => Promise<unknown>,
  userId: string,
  note: Note,
): Promise<unknown> {
  try {
    return await write()
  } finally {
    note((listener) => {
      listener.userRevoked({ userId })
    })
  }
}

/** The user whose sessions, all of them, a condition means. */
function soleUser(where: Parameters<Write>[0]['where']): string | null {
  const [only, ...more] = where ?? []
  const isSole = only?.field === 'userId' && (only.operator ?? 'eq') === 'eq' && more.length === 0
  return isSole && typeof only.value === 'string' ? only.value : null
}

async function usersOf(
  adapter: Writer,
  where: NonNullable<Parameters<Write>[0]['where']>,
): Promise<readonly string[] | null> {
  type Member = { readonly userId: string }
  const query = { model: 'member', where, limit: maxNamed + 1 }
  const members = await adapter.findMany<Member>(query)
  return members.length > maxNamed ? null : members.map(({ userId }) => userId)
}

/** The user of a member, where a write answers with one: a new one has no row before it. */
function userIn(result: unknown): string[] {
  const { userId } = (result ?? {}) as { readonly userId?: unknown }
  return typeof userId === 'string' ? [userId] : []
}
