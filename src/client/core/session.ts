import type { ClientEvent, GatewaySession, SessionStore } from '../types.ts'
import { ask } from '../ask.ts'
import { hear, tell, type Message } from '../tabs/tabs.ts'

type Begun = Extract<ClientEvent, { readonly type: 'session' }>
type Ended = Extract<ClientEvent, { readonly type: 'signed-out' }>
type Known = GatewaySession | null | undefined
export type SessionEvent = Begun | Ended

/** What `GET /_gateway/session` answers and `GET /_gateway/events` tells. */
export type SessionView =
  ({ readonly authenticated: true } & GatewaySession) | { readonly authenticated: false }

/** Who is signed in, as far as this page knows. */
export interface Session extends SessionStore {
  read(view: SessionView): void
  /** @param code why there is none any more */
  end(code: string): void
  /** Somebody is signing out, and will say so: for a while nothing else is a reason. */
  hush(): void
}

/** How long a sign-out may take, milliseconds. */
const hushMs = 10_000

/**
 * The other tabs are told, and heard.
 * @param onSession is called before the listeners are, but not when a page begins with nobody. `isHeard`: from another tab;
 * `isOther`: it is somebody else than before, or nobody
 */
export function createSession(
  tabs: BroadcastChannel,
  onSession: (event: SessionEvent, isHeard: boolean, isOther: boolean) => void,
  closing: AbortSignal,
): Session {
  let hushedUntilMs = 0
  let current: Known
  const listeners = new Set<(session: Known) => void>()
  const put = (event: SessionEvent, isHeard = false): void => {
    const { session: next = null, code } = event as Partial<
      Pick<Begun, 'session'> & Pick<Ended, 'code'>
    >
    if (JSON.stringify(next) === JSON.stringify(current)) return
    const isOther = current !== undefined && current?.user.id !== next?.user.id
    current = next
    if (next ?? code) {
      onSession(event, isHeard, isOther)
      if (!isHeard) tell(tabs, event)
    }
    listeners.forEach((listener) => {
      listener(next)
    })
  }
  const end = (code: string): void => {
    if (code === 'signed_out' || Date.now() > hushedUntilMs) put({ type: 'signed-out', code })
  }
  const hush = (): void => {
    hushedUntilMs = Date.now() + hushMs
  }
  const read = (view: SessionView): void => {
    if (!view.authenticated) end(current ? 'session_expired' : '')
    else put({ type: 'session', session: view })
  }
  const listen = (message: Message): void => {
    if (message.type === 'halt') hush()
    if (message.type === 'session' || message.type === 'signed-out') put(message, true)
  }
  hear(tabs, listen, closing)
  return {
    ...{ end, read, hush },
    get current() {
      return current
    },
    subscribe: (listener) => {
      listeners.add(listener)
      listener(current)
      return () => listeners.delete(listener)
    },
    reload: async () => {
      const before = current
      const [view] = await ask<SessionView>('/_gateway/session')
      // What was heard meanwhile is newer than what was asked for before.
      if (view && current === before) read(view)
      return current
    },
  }
}
