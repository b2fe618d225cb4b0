import type { Pool } from 'pg'
import type { TicketStore } from '../../authn/ticket/store.ts'

export const postgresTicketTable = `CREATE TABLE IF NOT EXISTS sallyport_ticket (
  digest text PRIMARY KEY,
  value text NOT NULL,
  until bigint NOT NULL
)`

const cleanEveryMs = 60_000

/**
 * Tickets of gateways that share a PostgreSQL database. Of several `DELETE`s of one row, one finds it: the others wait for its transaction and find nothing (PostgreSQL
 * §13.2.1).
 */
export class PostgresTickets implements TicketStore {
  readonly #pool: Pick<Pool, 'query'>
  readonly #now: () => number
  #cleanedAtMs: number

  /** @param now wall clock, milliseconds */
  constructor(pool: Pick<Pool, 'query'>, now: () => number) {
    this.#pool = pool
    this.#now = now
    this.#cleanedAtMs = now()
  }

  async put(digest: string, value: string, ttlMs: number): Promise<void> {
    const now = this.#now()
    if (now - this.#cleanedAtMs >= cleanEveryMs) {
      this.#cleanedAtMs = now
      // What nobody has redeemed goes some time; nobody has to wait for that.
      this.#pool
        .query('DELETE FROM sallyport_ticket WHERE until < $1', [now])
        .catch(() => undefined)
    }
    const insert = 'INSERT INTO sallyport_ticket (digest, value, until) VALUES ($1, $2, $3)'
    await this.#pool.query(insert, [digest, value, now + ttlMs])
  }

  async take(digest: string): Promise<string | null> {
    const remove = 'DELETE FROM sallyport_ticket WHERE digest = $1 RETURNING value, until'
    const { rows } = await this.#pool.query<{ value: string; until: string }>(remove, [digest])
    const [row] = rows
    return row !== undefined && Number(row.until) > this.#now() ? row.value : null
  }
}
