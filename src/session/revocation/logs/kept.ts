import type { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { GatewayConfig } from '../../../config/types.ts'
import { StartupError } from '../../../errors/startup.ts'

/** Where the log of an installation is, for whoever only reads it once. */
export type LogPlace =
  | { readonly kind: 'sqlite'; readonly database: DatabaseSync }
  | { readonly kind: 'postgres'; readonly pool: Pick<Pool, 'connect'> }
  /** `key` of the stream; `url` may hold a password, and never appears in a message. */
  | { readonly kind: 'redis'; readonly url: string; readonly key: string }

const connectMs = 700

/** Where the log is that gateways share by Redis; null: they share none there. */
export function redisPlace({ redis, server }: GatewayConfig): LogPlace | null {
  if (redis === null) return null
  const key = `sallyport:${new URL(server.publicUrl).host}:revocations`
  return { kind: 'redis', url: redis.url, key }
}

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
    case 'postgres':
      return readTable(place.pool, sinceMs)
    case 'redis':
      return readStream(place.url, place.key, sinceMs)
  }
}

async function readTable(pool: Pick<Pool, 'connect'>, sinceMs: number): Promise<readonly string[]> {
  const client = await pool.connect()
  try {
    const select = 'SELECT line FROM sallyport_revocation WHERE at >= $1 ORDER BY seq'
    const { rows } = await client.query<{ line: string }>(select, [sinceMs])
    return rows.map(({ line }) => line)
  } finally {
    client.release()
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
  const reasons: string[] = []
  // What `connect` itself rejects with says only that it failed.
  redis.on('error', ({ message }: Error) => reasons.push(message))
  try {
    await redis.connect()
    const entries = await redis.xrange(key, String(Math.max(0, sinceMs)), '+')
    return entries.map(([, fields]) => fields[1] ?? '')
  } catch (error) {
    throw new StartupError(`redis: revocations cannot be read: ${reasons.at(-1) ?? String(error)}`)
  } finally {
    redis.disconnect()
  }
}
