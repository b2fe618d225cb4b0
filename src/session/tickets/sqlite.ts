import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { TicketStore } from '../../authn/ticket/store.ts'

export const sqliteTicketTable = `CREATE TABLE IF NOT EXISTS sallyport_ticket (
  digest TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  until INTEGER NOT NULL
)`

const cleanEveryMs = 60_000
const sqliteBusy = 5
/** How long a request waits while others write, and how long between two looks, milliseconds. */
const patienceMs = 600
const pauseMs = 10

/** Tickets of gateways that share an SQLite file, which one connection writes at a time. */
export class SqliteTickets implements TicketStore {
  readonly #file: string
  readonly #now: () => number
  #connection: Connection | null = null
  #cleanedAtMs: number

  /** @param now wall clock, milliseconds */
  constructor(file: string, now: () => number) {
    this.#file = file
    this.#now = now
    this.#cleanedAtMs = now()
  }

  async put(digest: string, value: string, ttlMs: number): Promise<void> {
    const now = this.#now()
    await this.#during(({ insert, clean }) => {
      if (now - this.#cleanedAtMs >= cleanEveryMs) {
        clean.run(now)
        this.#cleanedAtMs = now
      }
      return insert.run(digest, value, now + ttlMs)
    })
  }

  async take(digest: string): Promise<string | null> {
    const row = await this.#during(({ remove }) => remove.get(digest))
    return row !== undefined && Number(row['until']) > this.#now() ? String(row['value']) : null
  }

  close(): void {
    this.#connection?.database.close()
    this.#connection = null
  }

  /** SQLite's own waiting would let the event loop stand still. */
  async #during<T>(work: (connection: Connection) => T): Promise<T> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      try {
        return work((this.#connection ??= connect(this.#file)))
      } catch (error) {
        const { errcode } = error as { readonly errcode?: number }
        const isBusy = ((errcode ?? 0) & 0xff) === sqliteBusy
        if (!isBusy) this.close()
        if (!isBusy || performance.now() > deadline) throw error
        await wait(pauseMs)
      }
    }
  }
}

interface Connection {
  readonly database: DatabaseSync
  readonly insert: StatementSync
  readonly remove: StatementSync
  readonly clean: StatementSync
}

function connect(file: string): Connection {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    return {
      database,
      insert: database.prepare(
        'INSERT INTO sallyport_ticket (digest, value, until) VALUES (?, ?, ?)',
      ),
      remove: database.prepare(
        'DELETE FROM sallyport_ticket WHERE digest = ? RETURNING value, until',
      ),
      clean: database.prepare('DELETE FROM sallyport_ticket WHERE until < ?'),
    }
  } catch (error) {
    database.close()
    throw error
  }
}
