import type { Redis } from 'ioredis'
import type { TicketStore } from '../../authn/ticket/store.ts'
import { discard } from '../../limits/redis/connection.ts'
import { openRedis } from '../embedded/redis/connection.ts'

/** Tickets of gateways that share a Redis. `GETDEL` is one command, and Redis runs one at a time. */
export class RedisTickets implements TicketStore {
  readonly #redis: Redis
  readonly #prefix: string

  /** @param url may hold a password. @param prefix before every key */
  constructor(url: string, prefix: string) {
    this.#redis = openRedis(url, 'sallyport-tickets')
    this.#prefix = prefix
  }

  async put(digest: string, value: string, ttlMs: number): Promise<void> {
    await this.#redis.set(this.#prefix + digest, value, 'PX', ttlMs)
  }

  take(digest: string): Promise<string | null> {
    return this.#redis.getdel(this.#prefix + digest)
  }

  close(): void {
    discard(this.#redis)
  }
}
