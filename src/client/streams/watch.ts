import type { Core } from '../core/create.ts'
import type { SessionView } from '../core/session.ts'
import { openEventSource } from './event-source.ts'

/** Hears of what happens to the session elsewhere: one connection per browser, held by the tab that leads, while there is a session. */
export function watch(core: Core): void {
  const { session } = core
  let source: EventSource | null = null
  const update = (): void => {
    if (source && !session.current) source.close()
    if (!session.current || source) return
    source = openEventSource(core, '/_gateway/events')
    source.addEventListener('session', (event) => {
      const { data } = event as MessageEvent<string>
      session.read(JSON.parse(data) as SessionView)
    })
    source.addEventListener('end', () => {
      source = null
    })
  }
  session.subscribe(update)
}
