import type { DBAdapter } from 'better-auth'
import type { UserSource } from '../port.ts'
import { toUser, type Rows } from '../rows.ts'

/**
 * Reads users from the auth database.
 * @param now wall clock, milliseconds
 */
export function createUserSource(
  reader: Pick<DBAdapter, 'findOne'>,
  now: () => number,
): UserSource {
  return {
    async findUser(userId) {
      const where = [{ field: 'id', value: userId }]
      const row = await reader
        .findOne<Rows['user']>({ model: 'user', where })
        .catch((error: unknown) => {
          if (isNoId(error)) return null
          throw error
        })
      // PostgreSQL finds a UUID in any of its spellings; everybody else, who compares texts, knows the user by one.
      return row?.id === userId ? toUser(row, now()) : null
    },
  }
}

/** PostgreSQL compares ids as UUIDs, and complains of what is none: `invalid_text_representation`. Tokens may name anybody. */
function isNoId(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === '22P02'
}
