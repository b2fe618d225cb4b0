import type { ReactNode } from 'react'
import type { ClientEvent } from 'sallyport/client'
import { log } from '../gateway.ts'
import { useStore } from '../parts/store.ts'
import { toDate, toTime } from '../parts/time.ts'

/** What the kit did without anybody noticing. */
export function EventList(): ReactNode {
  const entries = useStore(log)
  return (
    <section aria-labelledby="events-title">
      <h3 id="events-title">What the kit did</h3>
      {entries.length === 0 ? (
        <p className="empty">Nothing yet.</p>
      ) : (
        <ol className="events" role="log" tabIndex={0} aria-label="Events of the session">
          {entries.map(({ id, atMs, event }) => (
            <li key={id} className={event.type}>
              <time dateTime={new Date(atMs).toISOString()}>{toTime(atMs)}</time>
              <span>{describe(event)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function describe(event: ClientEvent): string {
  switch (event.type) {
    case 'refreshed':
      return event.here ? 'refreshed here' : 'refreshed by another tab'
    case 'refresh-failed':
      return 'refresh failed; nothing is lost'
    case 'session':
      return `session until ${toDate(Date.parse(event.session.expiresAt))}`
    case 'signed-out':
      return `signed out: ${event.code}`
  }
}
