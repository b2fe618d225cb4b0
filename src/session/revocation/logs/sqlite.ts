import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { beatMs, type LogFollower, type RevocationLog } from '../log.ts'
import { Pulse } from './pulse.ts'

export interface SqliteLogOptions {
  readonly file: string
  /** How long lines are kept, milliseconds. */
  readonly keepMs: number
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

/** The table of the log. `AUTOINCREMENT`: a number is never used twice, also when all rows are gone. */
export const sqliteLogTable = `CREATE TABLE IF NOT EXISTS sallyport_revocation (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  line TEXT NOT NULL
)`

const cleanEveryMs = 600_000

/**
 * The log of gateways and commands that share an SQLite file. SQLite cannot call anybody, but says for a few microseconds of work whether any other connection
 * has committed (`PRAGMA data_version`).
 */
export class SqliteLog implements RevocationLog {
  readonly #options: SqliteLogOptions
  #connection: Connection | null = null
  #follower: LogFollower | null = null
  #pulse: Pulse | null = null
  #timer: NodeJS.Timeout | null = null
  #cleanedAtMs = 0
  #seen = 0
  #version: unknown = null

  constructor(options: SqliteLogOptions) {
    this.#options = options
  }

  open(follower: LogFollower): Promise<void> {
    this.#follower = follower
    this.#pulse = new Pulse(follower.onState)
    this.#look()
    this.#timer = setInterval(() => {
      this.#look()
    }, beatMs).unref()
    return Promise.resolve()
  }

  append(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.#connect().insert.run(this.#options.now(), line)
      // What this connection commits does not change its own `data_version`.
      this.#version = null
      resolve()
    })
  }

  close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#disconnect()
    return Promise.resolve()
  }

  #look(): void {
    try {
      const connection = this.#connect()
      const version = connection.version.get()?.['data_version']
      if (version !== this.#version) {
        this.#read(connection)
        this.#version = version
      }
      this.#pulse?.beat()
      this.#clean(connection)
    } catch {
      // The file may be replaced by another one.
      this.#disconnect()
    }
  }

  #read({ select }: Connection): void {
    const { now, keepMs } = this.#options
    const rows = select.all(this.#seen, now() - keepMs)
    if (rows.length === 0) return
    this.#seen = Number(rows.at(-1)?.['seq'])
    this.#follower?.onLines(rows.map((row) => String(row['line'])))
  }

  /** Somebody else may be writing; then it is done another time. */
  #clean({ oldest, remove }: Connection): void {
    const now = this.#options.now()
    if (now - this.#cleanedAtMs < cleanEveryMs) return
    this.#cleanedAtMs = now
    const before = now - this.#options.keepMs
    try {
      if (oldest.get(before) !== undefined) remove.run(before)
    } catch {
      this.#cleanedAtMs = 0
    }
  }

  #connect(): Connection {
    return (this.#connection ??= connect(this.#options.file))
  }

  #disconnect(): void {
    this.#connection?.database.close()
    this.#connection = null
    this.#version = null
  }
}

interface Connection {
  readonly database: DatabaseSync
  readonly version: StatementSync
  readonly select: StatementSync
  readonly insert: StatementSync
  readonly oldest: StatementSync
  readonly remove: StatementSync
}

function connect(file: string): Connection {
  // Waiting for somebody else's transaction would let the event loop stand still: whoever is refused tries again.
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    return {
      database,
      version: database.prepare('PRAGMA data_version'),
      select: database.prepare(
        'SELECT seq, line FROM sallyport_revocation WHERE seq > ? AND at >= ? ORDER BY seq',
      ),
      insert: database.prepare('INSERT INTO sallyport_revocation (at, line) VALUES (?, ?)'),
      oldest: database.prepare('SELECT 1 FROM sallyport_revocation WHERE at < ? LIMIT 1'),
      remove: database.prepare('DELETE FROM sallyport_revocation WHERE at < ?'),
    }
  } catch (error) {
    database.close()
    throw error
  }
}
