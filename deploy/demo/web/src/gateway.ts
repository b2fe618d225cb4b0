import {
  createGatewayClient,
  type ClientEvent,
  type GatewaySession,
  type LoginRequest,
} from 'sallyport/client'
import { createStore } from './parts/store.ts'
import { readSettings } from './settings.ts'

/** How the session of this page ended without somebody leaving here. */
export interface End {
  /** The one that was. */
  readonly session: GatewaySession
  /** A code of the gateway's error contract, or `signed_out`: in another tab. */
  readonly code: string
  /** Path of the login page that leads back here, once the gateway has said so. */
  readonly login: string | null
}

export interface LogEntry {
  readonly id: number
  readonly atMs: number
  readonly event: ClientEvent
}

const keptEntries = 40

export const settings = readSettings(location.search)
export const log = createStore<readonly LogEntry[]>([])
export const end = createStore<End | null>(null)
/** How often somebody has signed in again while this page was open. */
export const round = createStore(0)

let isLeaving = false
let entries = 0
let last: GatewaySession | null = null

/** The one client of this page: what is sent, streamed and known of the session goes through it. */
export const gateway = createGatewayClient({
  mode: settings.mode,
  signedOut: settings.onEnd,
  onEvent: note,
  ...(settings.onEnd === 'stay' ? { login: stay } : {}),
})

/** Instead of going to the login page. */
function stay({ code, url }: LoginRequest): void {
  if (last !== null && !isLeaving) end.set({ session: last, code, login: url })
}

function note(event: ClientEvent): void {
  entries += 1
  const entry = { id: entries, atMs: Date.now(), event }
  log.set([entry, ...log.current].slice(0, keptEntries))
  if (event.type === 'session') {
    last = event.session
    if (end.current !== null) round.set(round.current + 1)
    end.set(null)
  }
  if (event.type === 'signed-out' && last !== null && !isLeaving) {
    end.set({ session: last, code: event.code, login: null })
  }
}

/** Ends the session of this browser; every tab hears of it. Rejects when the gateway could not be told. */
export async function leave(): Promise<void> {
  isLeaving = true
  try {
    await gateway.logout()
  } finally {
    isLeaving = false
  }
}

/** Where to sign in or up, with the way back to this page. */
export function loginPath(view: 'sign-in' | 'sign-up' = 'sign-in'): string {
  const query = new URLSearchParams({ return_to: location.pathname + location.search })
  if (view === 'sign-up') query.set('view', view)
  return `/_gateway/login?${query.toString()}`
}
