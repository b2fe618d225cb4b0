import type { BetterAuthOptions } from 'better-auth'
import type { Redis } from 'ioredis'
import { discard } from '../../../limits/redis/connection.ts'
import type { RevocationListener } from '../../port.ts'
import type { FailureWatch } from '../store/watch.ts'
import { openRedis } from './connection.ts'
import { buryScript, incrementScript, keepScript } from './script.ts'

type SecondaryStorage = NonNullable<BetterAuthOptions['secondaryStorage']>

export interface RedisStorageOptions {
  /** May hold a password: never in a message. */
  readonly url: string
  /** Before every key. */
  readonly prefix: string
  readonly watch: FailureWatch
  /** Is told of what Better Auth has no hooks for where there are no rows. */
  readonly listener: Pick<RevocationListener, 'sessionRevoked' | 'sessionChanged' | 'userRevoked'>
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

/** The row of a session as Better Auth keeps it here; times are RFC 3339. */
export interface StoredSession {
  readonly id: string
  readonly token: string
  readonly userId: string
  readonly expiresAt: string
  readonly createdAt: string
}

/** Longer than any request of Better Auth's may take, seconds. */
const gravestoneSeconds = 60
const markPrefix = 'revoked-sessions-before-'

/**
 * Better Auth's secondary storage in Redis. Differs from what Better Auth offers in three ways: a session that was deleted stays deleted while somebody is still
 * refreshing it; whoever deletes one is heard, also where no row and so no hook is; and a session is found by its id, as our own tokens name it.
 */
export class RedisStorage implements SecondaryStorage {
  readonly #options: RedisStorageOptions
  readonly #redis: Redis

  constructor(options: RedisStorageOptions) {
    this.#options = options
    this.#redis = openRedis(options.url, 'sallyport-sessions')
  }

  get(key: string): Promise<string | null> {
    return this.#ask(this.#redis.get(this.#key(key)))
  }

  getAndDelete(key: string): Promise<string | null> {
    return this.#ask(this.#redis.getdel(this.#key(key)))
  }

  async increment(key: string, ttl: number): Promise<number> {
    return Number(await this.#ask(this.#redis.eval(incrementScript, 1, this.#key(key), ttl)))
  }

  async set(key: string, value: string, ttl?: number): Promise<void> {
    const session = readSession(key, value)
    if (session !== null && ttl !== undefined) await this.#keep(session, value, ttl)
    else if (ttl === undefined) await this.#ask(this.#redis.set(this.#key(key), value))
    else await this.#ask(this.#redis.set(this.#key(key), value, 'EX', Math.max(1, Math.floor(ttl))))
    if (key.startsWith(markPrefix)) {
      this.#options.listener.userRevoked({ userId: key.slice(markPrefix.length) })
    }
  }

  async delete(key: string): Promise<null> {
    const keys = [this.#key(key), this.#key(`gravestone:${key}`)]
    const value = await this.#ask(this.#redis.eval(buryScript, 2, ...keys, gravestoneSeconds))
    const session = typeof value === 'string' ? readSession(key, value) : null
    if (session === null) return null
    await this.#ask(this.#redis.del(this.#key(`sid:${session.id}`)))
    const { id: sessionId, token, userId } = session
    const isOver = Date.parse(session.expiresAt) <= this.#options.now()
    if (isOver) this.#options.listener.sessionChanged({ sessionId, userId })
    else this.#options.listener.sessionRevoked({ sessionId, token, userId })
    return null
  }

  /** The session of a token, unless its user was signed out everywhere after it began. Rejects when that cannot be known. */
  async findByToken(token: string): Promise<StoredSession | null> {
    const value = await this.get(token)
    const session = value === null ? null : readSession(token, value)
    if (session === null) return null
    const before = Number((await this.get(markPrefix + session.userId)) ?? 0)
    return Date.parse(session.createdAt) < before ? null : session
  }

  async findById(sessionId: string): Promise<StoredSession | null> {
    const token = await this.get(`sid:${sessionId}`)
    const session = token === null ? null : await this.findByToken(token)
    return session?.id === sessionId ? session : null
  }

  /** Removes all sessions, and whatever else Better Auth keeps here. */
  async clear(): Promise<void> {
    const pattern = `${this.#options.prefix.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)}*`
    let cursor = '0'
    do {
      const [next, keys] = await this.#ask(
        this.#redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000),
      )
      if (keys.length > 0) await this.#ask(this.#redis.unlink(...keys))
      cursor = next
    } while (cursor !== '0')
  }

  isAlive(): Promise<boolean> {
    return this.#redis.ping().then(
      () => true,
      () => false,
    )
  }

  close(): void {
    discard(this.#redis)
  }

  async #keep({ id, token }: StoredSession, value: string, ttl: number): Promise<void> {
    const keys = [token, `gravestone:${token}`, `sid:${id}`].map((key) => this.#key(key))
    const seconds = Math.max(1, Math.floor(ttl))
    await this.#ask(this.#redis.eval(keepScript, 3, ...keys, value, seconds, token))
  }

  #key(key: string): string {
    return `${this.#options.prefix}${key}`
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      this.#options.watch.note(error as Error)
      throw error
    }
  }
}

/** A value of Better Auth's that is a session under its token, or null: lists, marks and codes are kept beside them. */
function readSession(key: string, value: string): StoredSession | null {
  if (!value.startsWith('{')) return null
  try {
    const { session } = JSON.parse(value) as { readonly session?: Partial<StoredSession> | null }
    return session?.token === key && typeof session.id === 'string'
      ? (session as StoredSession)
      : null
  } catch {
    return null
  }
}
