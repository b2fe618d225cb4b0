import type { ReactNode } from 'react'
import type { GatewaySession } from 'sallyport/client'
import { withSession } from './door/attempts.ts'
import { TryTheDoor } from './door/try-the-door.tsx'
import type { End } from './gateway.ts'
import { Chat } from './live/chat.tsx'
import { Feed } from './live/feed.tsx'
import { Panel } from './panel/panel.tsx'
import { Emblem } from './parts/emblem.tsx'
import { Account } from './session/account.tsx'
import { DeviceList } from './session/device-list.tsx'
import { Ended } from './session/ended.tsx'
import { Todos } from './todos/todos.tsx'

export interface BoardProps {
  readonly session: GatewaySession
  readonly end: End | null
}

export function Board({ session, end }: BoardProps): ReactNode {
  return (
    <>
      <header className="top">
        <h1 className="brand">
          <Emblem />
          Todos
        </h1>
        {end === null && <Account user={session.user} />}
      </header>
      {end !== null && <Ended end={end} />}
      <main className="board">
        <div className="column">
          <Lock isLocked={end !== null}>
            <Todos />
            <Feed />
            <DeviceList />
          </Lock>
        </div>
        <div className="column">
          <Lock isLocked={end !== null}>
            <Chat me={session.user.id} />
          </Lock>
          <TryTheDoor attempts={withSession} />
        </div>
        <Panel session={session} isOver={end !== null} />
      </main>
    </>
  )
}

/** Everything in it can be read; while it is locked, nothing can be done. */
function Lock({
  isLocked,
  children,
}: {
  readonly isLocked: boolean
  readonly children: ReactNode
}): ReactNode {
  return (
    <fieldset className="lock" disabled={isLocked}>
      {children}
    </fieldset>
  )
}
