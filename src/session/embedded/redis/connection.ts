import { Redis } from 'ioredis'

/** How long a command may take, milliseconds. A request waits for it. */
const commandMs = 600
const reconnectMs = 250

/** One connection that comes back by itself, and refuses every command at once while it is away. @param url may hold a password */
export function openRedis(url: string, name: string): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: commandMs,
    commandTimeout: commandMs,
    socketTimeout: commandMs * 2,
    retryStrategy: () => reconnectMs,
    // A replica that was the master before a failover takes no writes: ask anew who is.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false,
    connectionName: name,
    disableClientInfo: true,
  })
  // Whoever uses it is told by the commands that fail.
  redis.on('error', () => undefined)
  redis.connect().catch(() => undefined)
  return redis
}
