import type { LiveConnection, LiveListing, LiveView } from '../port.ts'

/** An open connection as the registry keeps it. */
export interface Listed {
  readonly connection: LiveConnection
  readonly openedAtMs: number
  readonly expiresAtMs: number
}

/** What is open. @param entries in the order in which they were opened */
export function toListing(entries: ReadonlySet<Listed>, users: number, max: number): LiveListing {
  let webSockets = 0
  for (const { connection } of entries) if (connection.kind === 'websocket') webSockets += 1
  const kinds = { websocket: webSockets, 'event-stream': entries.size - webSockets }
  return { total: entries.size, users, kinds, shown: listNewest(entries, max) }
}

/** The newest of what is open, the newest first. @param entries in the order in which they were opened */
function listNewest(entries: ReadonlySet<Listed>, max: number): readonly LiveView[] {
  const shown: LiveView[] = []
  let toSkip = entries.size - max
  for (const { connection, openedAtMs, expiresAtMs } of entries) {
    toSkip -= 1
    if (toSkip >= 0) continue
    const { kind, client, userId, sessionId, route = null, isByKey = false } = connection
    shown.push({
      ...{ kind, client, userId, sessionId, route, isByKey, openedAtMs },
      expiresAtMs: Number.isFinite(expiresAtMs) ? expiresAtMs : null,
    })
  }
  return shown.reverse()
}
