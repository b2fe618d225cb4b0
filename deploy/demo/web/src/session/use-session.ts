import { useSyncExternalStore } from 'react'
import type { GatewaySession } from 'sallyport/client'
import { end, gateway, round, type End } from '../gateway.ts'
import { useStore } from '../parts/store.ts'

/** What the page shows. */
export type View =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'signed-out' }
  /** `end`: the session is over; what was on the page may stay to be looked at. */
  | {
      readonly kind: 'board'
      readonly session: GatewaySession
      readonly end: End | null
      /** Another one for another person, and for whoever signed in again. */
      readonly key: string
    }

const subscribe = (listener: () => void): (() => void) => gateway.session.subscribe(listener)

export function useView(): View {
  const session = useSyncExternalStore(subscribe, () => gateway.session.current)
  const ended = useStore(end)
  const times = useStore(round)
  const shown = session ?? ended?.session
  if (shown !== undefined) {
    return { kind: 'board', session: shown, end: ended, key: `${shown.user.id} ${times}` }
  }
  return session === undefined ? { kind: 'unknown' } : { kind: 'signed-out' }
}
