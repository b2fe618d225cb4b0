import type { Core } from '../core/create.ts'
import type { SessionView } from '../core/session.ts'
import { openEventSource } from './event-source.ts'

/** Hears of what happens to the session elsewhere: one connection per browser, held by the tab that leads, while there is a session. */
export function watch(core: Core): void {
  const { session, client } = core
  // With the cookie, and without any consequence of a refusal: nobody has asked for anything.
  const quiet = { ...client, fetch: (...request: Parameters<typeof fetch>) => fetch(...request) }
  let source: EventSource | undefined
  session.subscribe((current) => {
    if (!current) source?.close()
    else if (!source) {
      source = openEventSource({ ...core, client: quiet }, '/_gateway/events')
      Object.assign(source, {
        onsession: ({ data }: MessageEvent<string>) => {
          session.read(JSON.parse(data) as SessionView)
        },
        onend: () => {
          source = undefined
          if (session.current) void session.reload()
        },
      })
    }
  })
}
