import type { ClientEvent, GatewaySession, SessionStore } from '../types.ts'
import { hear, tell } from '../tabs/tabs.ts'

type Known = GatewaySession | null | undefined
type SessionEvent = Extract<ClientEvent, { readonly type: 'session' | 'signed-out' }>

/** What `GET /_gateway/session` answers and `GET /_gateway/events` tells. */
export type SessionView =
  ({ readonly authenticated: true } & GatewaySession) | { readonly authenticated: false }

/** Who is signed in, as far as this page knows. */
export interface Session extends SessionStore {
  read(view: SessionView): void
  /** @param code why there is none any more */
  end(code: string): void
}

/**
 * Is called before the listeners are, but not when a page begins with nobody.
 * @param isHeard from another tab
 * @param isOther it was somebody else until now
 */
type OnSession = (event: SessionEvent, isHeard: boolean, isOther: boolean) => void

/** The other tabs are told, and heard. */
export function createSession(tabs: BroadcastChannel, onSession: OnSession): Session {
  let current: Known
  const listeners = new Set<(session: Known) => void>()
  const put = (event: SessionEvent, isHeard = false): void => {
    const next = event.type === 'session' ? event.session : null
    if (JSON.stringify(next) === JSON.stringify(current)) return
    const isOther = !!current && current.user.id !== next?.user.id
    current = next
    if (event.type === 'session' || event.code) {
      onSession(event, isHeard, isOther)
      if (!isHeard) tell(tabs, event)
    }
    for (const listener of [...listeners]) listener(next)
  }
  const end = (code: string): void => {
    put({ type: 'signed-out', code })
  }
  const read = (view: SessionView): void => {
    if (!view.authenticated) end(current ? 'session_expired' : '')
    else put({ type: 'session', session: { user: view.user, expiresAt: view.expiresAt } })
  }
  hear(tabs, (message) => {
    if (message.type === 'session' || message.type === 'signed-out') put(message, true)
  })
  return {
    ...{ end, read },
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
      const response = await fetch('/_gateway/session', { cache: 'no-store' }).catch(() => null)
      const view = response?.ok ? ((await response.json()) as SessionView) : null
      // What was heard meanwhile is newer than what was asked for before.
      if (view && current === before) read(view)
      return current
    },
  }
}
