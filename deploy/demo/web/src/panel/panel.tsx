import type { ReactNode } from 'react'
import type { GatewaySession } from 'sallyport/client'
import { Credential } from './credential.tsx'
import { EventList } from './event-list.tsx'
import { Received } from './received.tsx'
import { Settings } from './settings-switch.tsx'

export interface PanelProps {
  readonly session: GatewaySession
  /** The session has ended. */
  readonly isOver: boolean
}

/** What goes on behind the page, for those who want to know how it stays signed in. */
export function Panel({ session, isOver }: PanelProps): ReactNode {
  return (
    <aside className="panel" aria-labelledby="panel-title">
      <h2 id="panel-title">Behind the scenes</h2>
      <Settings />
      {!isOver && <Credential session={session} />}
      <EventList />
      <Received isOver={isOver} />
    </aside>
  )
}
