import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { gateway } from '../gateway.ts'
import { todosKey } from '../todos/use-todos.ts'
import { useStream, type Connection } from './connection.tsx'

export interface FeedEntry {
  readonly id: string
  readonly type: 'created' | 'changed' | 'deleted'
  readonly title: string
  readonly done: boolean
  readonly atMs: number
}

interface Happening {
  readonly type: FeedEntry['type']
  readonly todo: { readonly title: string; readonly done: boolean }
  readonly at: string
}

const kept = 30

/** What happens to the todos of this person, newest first, in whichever tab or on whichever device. */
export function useFeed(): {
  readonly entries: readonly FeedEntry[]
  readonly connection: Connection
} {
  const client = useQueryClient()
  const [entries, setEntries] = useState<readonly FeedEntry[]>([])
  const open = useCallback(() => {
    const refetch = (): void => {
      // A change of this tab that is still on its way asks for the list itself, once it has arrived.
      const isQuiet = client.isMutating({ mutationKey: todosKey }) === 0
      if (isQuiet) void client.invalidateQueries({ queryKey: todosKey })
    }
    const source = gateway.eventSource('/api/events')
    // What was missed for good is in the list; what was missed and is still known follows.
    source.addEventListener('hello', refetch)
    source.addEventListener('todo', (event: MessageEvent<string>) => {
      const entry = toEntry(event.lastEventId, JSON.parse(event.data) as Happening)
      setEntries((known) =>
        known.some(({ id }) => id === entry.id) ? known : [entry, ...known].slice(0, kept),
      )
      refetch()
    })
    return source
  }, [client])
  return { entries, connection: useStream(open).connection }
}

function toEntry(id: string, { type, todo, at }: Happening): FeedEntry {
  return { id, type, title: todo.title, done: todo.done, atMs: Date.parse(at) }
}
