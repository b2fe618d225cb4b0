import type { GatewaySession } from '../types.ts'

/**
 * What lets a request in: when it was fetched and until when it counts, by the page's clock in milliseconds, and the token; in `cookie` mode the
 * browser has the cookie, and nothing more is known.
 */
export type Credential = readonly [atMs: number, untilMs: number, token?: string | undefined]

/** What the tabs of a browser, and the frames of a page, say to each other where they are of one origin. */
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

/** Tells all others, never ourselves. */
export function tell(tabs: BroadcastChannel, message: Message): void {
  tabs.postMessage(message)
}

export function hear(
  tabs: BroadcastChannel,
  listener: (message: Message) => void,
  signal: AbortSignal,
): void {
  const listen = ({ data }: MessageEvent<Message>): void => {
    listener(data)
  }
  tabs.addEventListener('message', listen, { signal })
}
