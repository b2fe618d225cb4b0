import { Connection, mustSucceed, requestOf } from './connection.ts'
import type { Target } from './load.ts'

export interface Held {
  /** Those that the other side has not closed. */
  open(): number
  letGo(): void
}

const batch = 100

/** Opens `count` connections, has one request answered on each, and keeps them. */
export async function holdConnections({ url, headers }: Target, count: number): Promise<Held> {
  const request = requestOf(url, headers)
  const held: Connection[] = []
  while (held.length < count) {
    const length = Math.min(batch, count - held.length)
    const opened = await Promise.all(Array.from({ length }, () => Connection.open(url, 4096)))
    for (const connection of opened) mustSucceed(await connection.send(request), url)
    held.push(...opened)
  }
  return {
    open: () => held.filter(({ socket }) => !socket.destroyed && !socket.readableEnded).length,
    letGo: () => {
      for (const { socket } of held) socket.destroy()
    },
  }
}
