import type { ReactNode } from 'react'
import { Card } from '../parts/card.tsx'
import { toTime } from '../parts/time.ts'
import { ConnectionBadge } from './connection.tsx'
import { useFeed, type FeedEntry } from './use-feed.ts'

export function Feed(): ReactNode {
  const { entries, connection } = useFeed()
  return (
    <Card title="Live feed" className="feed" aside={<ConnectionBadge connection={connection} />}>
      {entries.length === 0 ? (
        <p className="empty">Changes of your todos appear here as they happen.</p>
      ) : (
        <ol className="feed-list" aria-live="polite">
          {entries.map((entry) => (
            <li key={entry.id}>
              <span className={`verb ${entry.type}`}>{verbOf(entry)}</span>
              <span className="what">{entry.title}</span>
              <time dateTime={new Date(entry.atMs).toISOString()}>{toTime(entry.atMs)}</time>
            </li>
          ))}
        </ol>
      )}
    </Card>
  )
}

function verbOf({ type, done }: FeedEntry): string {
  switch (type) {
    case 'created':
      return 'added'
    case 'deleted':
      return 'deleted'
    case 'changed':
      return done ? 'done' : 'reopened'
  }
}
