import type { RouteConfig } from '../config/types.ts'
import { isRefusal, type Refusal } from '../errors/refusal.ts'
import type { LiveConnection, LiveConnections } from './port.ts'

const nobodys = {
  userId: null,
  sessionId: null,
  isByKey: false,
  expiresAtMs: Infinity,
  judge: null,
} satisfies Partial<LiveConnection>

/**
 * Lists a stream that has been admitted. On a route that only observes, what would end it because of its caller is reported once, and it
 * stays on the list as nobody's: it counts for its client, and ends with the gateway.
 * @param onObserved hears why it would have ended; may be called before this returns
 * @returns what takes it off the list, or why it may not begin
 */
export function listStream(
  live: LiveConnections,
  connection: LiveConnection,
  { observe }: Pick<RouteConfig, 'observe'>,
  onObserved: (reason: Refusal) => void,
): (() => void) | Refusal {
  if (observe === null) return live.add(connection)
  let unlist: (() => void) | null = null
  const end = (reason: Refusal): void => {
    if (!isAboutCaller(reason)) {
      connection.end(reason)
      return
    }
    onObserved(reason)
    const again = live.add({ ...connection, ...nobodys })
    if (isRefusal(again)) connection.end(again)
    else unlist = again
  }
  let listed = live.add({ ...connection, end })
  if (isRefusal(listed) && isAboutCaller(listed)) {
    onObserved(listed)
    listed = live.add({ ...connection, ...nobodys })
  }
  if (isRefusal(listed)) return listed
  unlist = listed
  return () => {
    unlist?.()
  }
}

function isAboutCaller({ code }: Refusal): boolean {
  return code !== 'shutting_down' && code !== 'overloaded'
}
