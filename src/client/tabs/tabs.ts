import type { GatewaySession } from '../types.ts'

/**
 * What lets a request in: when it was fetched and until when it counts, by the page's clock in milliseconds, and the token; in `cookie` mode the
 * browser has the cookie, and nothing more is known.
 */
export type Credential = readonly [atMs: number, untilMs: number, token?: string]

/** What tabs of one origin say to each other. */
export type Message =
  | { readonly type: 'session'; readonly session: GatewaySession }
  | { readonly type: 'signed-out'; readonly code: string }
  | { readonly type: 'credential'; readonly credential: Credential }
  /** Who has a credential? */
  | { readonly type: 'ask' }
  /** Somebody is signing out: no refresh may come in between. */
  | { readonly type: 'halt' }
  /** Where there are no locks: see `by-word.ts`. */
  | { readonly type: TurnState; readonly name: string; readonly id: number }

export type TurnState = 'claim' | 'busy' | 'free'

/** The other tabs of this browser, and the other frames of this page, as far as they are of this origin. */
export function openTabs(closing: AbortSignal): BroadcastChannel {
  const tabs = new BroadcastChannel('sallyport')
  closing.addEventListener('abort', () => {
    tabs.close()
  })
  return tabs
}

/** Tells all others, never ourselves. */
export function tell(tabs: BroadcastChannel, message: Message): void {
  tabs.postMessage(message)
}

export function hear(
  tabs: BroadcastChannel,
  listener: (message: Message) => void,
  signal?: AbortSignal,
): void {
  const listen = ({ data }: MessageEvent<Message>): void => {
    listener(data)
  }
  tabs.addEventListener('message', listen, signal && { signal })
}
