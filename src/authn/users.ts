import type { User } from './principal.ts'

/**
 * What the readers may ask about users of Better Auth. `undefined` from `peek` means "not remembered, ask `find`"; null means that
 * there is no such user. `find` rejects when the answer cannot be known.
 */
export interface Users {
  peek(userId: string): User | null | undefined
  find(userId: string): Promise<User | null>
}
