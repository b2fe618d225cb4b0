import { Client, type Pool } from 'pg'
import { beatMs, type LogFollower, type RevocationLog } from '../log.ts'
import { Pulse } from './pulse.ts'

export interface PostgresLogOptions {
  /** May hold a password: never in a message. */
  readonly url: string
  /** For appending. */
  readonly pool: Pick<Pool, 'query'>
  /** How long lines are kept, milliseconds. */
  readonly keepMs: number
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

export const postgresLogTable = `CREATE TABLE IF NOT EXISTS sallyport_revocation (
  seq bigserial PRIMARY KEY,
  at bigint NOT NULL,
  line text NOT NULL
)`

const channel = 'sallyport_revocation'
/** Within one statement and so within one transaction: whoever hears the line can also read it. */
const appendLine = `WITH kept AS (INSERT INTO sallyport_revocation (at, line) VALUES ($1, $2))
SELECT pg_notify('${channel}', $2)`
const cleanEveryMs = 600_000
/** Longer than any transaction of ours, and more than clocks differ. */
const overlapMs = 60_000
const reconnectMs = 250
/** How long anything may take on the connection that listens, milliseconds. */
const answerMs = 700

/**
 * The log of gateways that share a PostgreSQL database: a table for who starts, and `LISTEN`/`NOTIFY` for who is there. On a connection that
 * lives, PostgreSQL delivers every notification in the order of the commits; a connection that was lost is followed by reading the table anew.
 */
export class PostgresLog implements RevocationLog {
  readonly #options: PostgresLogOptions
  #follower: LogFollower | null = null
  #pulse: Pulse | null = null
  #client: Client | null = null
  #timer: NodeJS.Timeout | null = null
  #cleanedAtMs = 0
  /** When it was last certain that everything had been heard; null before the first time. */
  #heardAtMs: number | null = null
  #isClosed = false

  constructor(options: PostgresLogOptions) {
    this.#options = options
  }

  async open(follower: LogFollower): Promise<void> {
    this.#follower = follower
    this.#pulse = new Pulse(follower.onState)
    await this.#connect()
  }

  async append(line: string): Promise<void> {
    await this.#options.pool.query(appendLine, [this.#options.now(), line])
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    const client = this.#client
    this.#client = null
    await client?.end().catch(() => undefined)
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
      application_name: 'sallyport revocations',
    })
    const lose = (): void => {
      this.#lose(client)
    }
    client.on('error', lose).on('end', lose)
    client.on('notification', ({ payload }) => {
      if (payload !== undefined) this.#follower?.onLines([payload])
    })
    this.#client = client
    try {
      await client.connect()
      // Whatever is said from here on is heard; what was said before is in the table. What is in both is heard twice.
      await client.query(`LISTEN ${channel}`)
      await this.#readKept(client)
      this.#pulse?.beat()
      this.#later(beatMs, () => this.#beat(client))
    } catch {
      lose()
    }
  }

  async #readKept(client: Client): Promise<void> {
    const { now, keepMs } = this.#options
    const since = this.#heardAtMs === null ? now() - keepMs : this.#heardAtMs - overlapMs
    const query = 'SELECT line FROM sallyport_revocation WHERE at >= $1 ORDER BY seq'
    const { rows } = await client.query<{ line: string }>(query, [since])
    if (rows.length > 0) this.#follower?.onLines(rows.map(({ line }) => line))
    this.#heardAtMs = now()
  }

  async #beat(client: Client): Promise<void> {
    if (client !== this.#client) return
    try {
      const now = this.#options.now()
      if (now - this.#cleanedAtMs >= cleanEveryMs) {
        this.#cleanedAtMs = now
        const since = now - this.#options.keepMs
        await client.query('DELETE FROM sallyport_revocation WHERE at < $1', [since])
      } else await client.query('SELECT 1')
      this.#heardAtMs = now
      this.#pulse?.beat()
      this.#later(beatMs, () => this.#beat(client))
    } catch {
      this.#lose(client)
    }
  }

  #lose(client: Client): void {
    if (client !== this.#client) return
    this.#client = null
    this.#pulse?.stop()
    // A frozen server would never answer a polite end.
    client.connection.stream.destroy()
    this.#later(reconnectMs, () => this.#connect())
  }

  #later(ms: number, work: () => Promise<void>): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      void work()
    }, ms).unref()
  }
}
