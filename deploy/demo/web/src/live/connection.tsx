import { useEffect, useState, type ReactNode } from 'react'
import type { StreamEnd } from 'sallyport/client'

/** How a stream is doing. `ended` is for good; its code says why, where the gateway ended it. */
export type Connection =
  | { readonly state: 'connecting' | 'live' | 'reconnecting' }
  | { readonly state: 'ended'; readonly code: string | null }

const connecting: Connection = { state: 'connecting' }

/**
 * Opens a stream of the kit while the component is there, and follows how it is doing.
 * @param open the same function as long as the same stream is wanted; adds the listeners of its caller
 */
export function useStream<Stream extends EventSource | WebSocket>(
  open: () => Stream,
): { readonly stream: Stream | null; readonly connection: Connection } {
  const [stream, setStream] = useState<Stream | null>(null)
  const [connection, setConnection] = useState<Connection>(connecting)
  useEffect(() => {
    const opened = open()
    const follow = (next: Connection): void => {
      setConnection((now) => (now.state === 'ended' ? now : next))
    }
    const lost = (): void => {
      follow({ state: 'reconnecting' })
    }
    setConnection(connecting)
    setStream(opened)
    opened.addEventListener('open', () => {
      follow({ state: 'live' })
    })
    opened.addEventListener('error', lost)
    opened.addEventListener('close', lost)
    opened.addEventListener('end', (event) => {
      setConnection({ state: 'ended', code: (event as CustomEvent<StreamEnd>).detail.code })
    })
    return () => {
      setStream(null)
      opened.close()
    }
  }, [open])
  return { stream, connection }
}

const words = { connecting: 'connecting…', live: 'live', reconnecting: 'reconnecting…' } as const

/** Read aloud when it changes. */
export function ConnectionBadge({ connection }: { readonly connection: Connection }): ReactNode {
  const text =
    connection.state === 'ended'
      ? `ended${connection.code === null ? '' : `: ${connection.code}`}`
      : words[connection.state]
  return (
    <span className={`badge ${connection.state}`} role="status">
      {text}
    </span>
  )
}
