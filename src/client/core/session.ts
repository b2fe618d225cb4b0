import type { ClientEvent, GatewaySession, SessionStore } from '../types.ts'
import { hear, tell } from '../tabs/tabs.ts'

type Known = GatewaySession | null | undefined
type SessionEvent = Extract<ClientEvent, { readonly type: 'session' | 'signed-out' }>

/** What `GET /_gateway/session` answers and `GET /_gateway/events` tells. */
export type SessionView =
  ({ readonly authenticated: true } & GatewaySession) | { readonly authenticated: false }

/**
 * Is called before the listeners are, but not when a page begins with nobody.
 * @param isHeard from another tab
 * @param isOther it was somebody else until now
 */
type OnSession = (event: SessionEvent, isHeard: boolean, isOther: boolean) => void

/** Who is signed in, as far as this page knows; the other tabs are told, and heard. */
export class Session implements SessionStore {
  current: Known
  readonly #listeners = new Set<(session: Known) => void>()
  readonly #tabs: BroadcastChannel
  readonly #onSession: OnSession

  constructor(tabs: BroadcastChannel, onSession: OnSession) {
    this.#tabs = tabs
    this.#onSession = onSession
    hear(tabs, (message) => {
      if (message.type === 'session' || message.type === 'signed-out') this.#put(message, true)
    })
  }

  // Functions of their own, because stores are handed around in parts.
  readonly subscribe = (listener: (session: Known) => void): (() => void) => {
    this.#listeners.add(listener)
    listener(this.current)
    return () => this.#listeners.delete(listener)
  }

  readonly reload = async (): Promise<Known> => {
    const before = this.current
    const response = await fetch('/_gateway/session', { cache: 'no-store' }).catch(() => null)
    const view = response?.ok ? ((await response.json()) as SessionView) : null
    // What was heard meanwhile is newer than what was asked for before.
    if (view && this.current === before) this.read(view)
    return this.current
  }

  read(view: SessionView): void {
    if (!view.authenticated) this.end(this.current ? 'session_expired' : '')
    else this.#put({ type: 'session', session: { user: view.user, expiresAt: view.expiresAt } })
  }

  /** @param code why there is none any more */
  end(code: string): void {
    this.#put({ type: 'signed-out', code })
  }

  #put(event: SessionEvent, isHeard = false): void {
    const { current } = this
    const next = event.type === 'session' ? event.session : null
    if (JSON.stringify(next) === JSON.stringify(current)) return
    this.current = next
    if (event.type === 'session' || event.code) {
      this.#onSession(event, isHeard, !!current && current.user.id !== next?.user.id)
      if (!isHeard) tell(this.#tabs, event)
    }
    for (const listener of [...this.#listeners]) listener(next)
  }
}
