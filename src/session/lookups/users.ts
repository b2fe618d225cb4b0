import type { User } from '../../authn/principal.ts'
import type { Users } from '../../authn/users.ts'
import type { Clock } from '../../clock.ts'
import type { UserSource } from '../port.ts'
import type { RevocationEvent, RevocationHearer } from '../revocation/event.ts'
import { Answers } from './answers.ts'

export interface UserCacheOptions {
  readonly source: UserSource
  readonly clock: Clock
  /** How long an answer may be reused from now on, milliseconds. */
  readonly ttlMs: () => number
  readonly max?: number
}

const nobodyTtlMs = 2000

/** Remembers users as long as sessions are remembered, and forgets them with every change. */
export class UserCache implements Users, RevocationHearer {
  readonly #source: UserSource
  readonly #answers: Answers<User | null>

  constructor({ source, clock, ttlMs, max }: UserCacheOptions) {
    this.#source = source
    this.#answers = new Answers({
      clock,
      keep: (user) => ({
        userId: user?.id ?? null,
        ms: user === null ? Math.min(nobodyTtlMs, ttlMs()) : ttlMs(),
        untilMs: Infinity,
      }),
      ...(max === undefined ? {} : { max }),
    })
  }

  peek(userId: string): User | null | undefined {
    return this.#answers.peek(userId)
  }

  find(userId: string): Promise<User | null> {
    return this.#answers.find(userId, () => this.#source.findUser(userId))
  }

  heard(event: RevocationEvent): void {
    this.#answers.heard(event)
  }

  doubt(): void {
    this.#answers.doubt()
  }
}
