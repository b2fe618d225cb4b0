import type { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import type { Pool } from 'pg'

/** Where the log of an installation is, for whoever only reads it once. */
export type LogPlace =
  | { readonly kind: 'sqlite'; readonly database: DatabaseSync }
  | { readonly kind: 'postgres'; readonly pool: Pick<Pool, 'query'> }
  /** `key` of the stream; `url` may hold a password, and never appears in a message. */
  | { readonly kind: 'redis'; readonly url: string; readonly key: string }

const connectMs = 700

/**
 * The lines that a log keeps, in their order. Writes nothing and follows nothing: for commands that only look. Rejects where it cannot
 * be read.
 * @param sinceMs wall clock, milliseconds
 */
export async function readKeptLines(place: LogPlace, sinceMs: number): Promise<readonly string[]> {
  switch (place.kind) {
    case 'sqlite': {
      const select = 'SELECT line FROM sallyport_revocation WHERE at >= ? ORDER BY seq'
      return place.database
        .prepare(select)
        .all(sinceMs)
        .map(({ line }) => String(line))
    }
    case 'postgres': {
      const select = 'SELECT line FROM sallyport_revocation WHERE at >= $1 ORDER BY seq'
      const { rows } = await place.pool.query<{ line: string }>(select, [sinceMs])
      return rows.map(({ line }) => line)
    }
    case 'redis':
      return readStream(place.url, place.key, sinceMs)
  }
}

async function readStream(url: string, key: string, sinceMs: number): Promise<readonly string[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    commandTimeout: connectMs,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    connectionName: 'sallyport-explain',
  })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    const entries = await redis.xrange(key, String(Math.max(0, sinceMs)), '+')
    return entries.map(([, fields]) => fields[1] ?? '')
  } finally {
    redis.disconnect()
  }
}
