import type { CoreClient, GatewayClient, SessionStore } from '../types.ts'

/** Whether this runs in a page, or in what stands in for one in a test. */
export function isPage(): boolean {
  return typeof document !== 'undefined'
}

function absent(): never {
  throw new TypeError('there is no page here: on a server, call FastAPI itself')
}

function rejected(): Promise<never> {
  return Promise.resolve().then(absent)
}

const session: SessionStore = {
  current: undefined,
  subscribe: (listener) => {
    listener(undefined)
    return () => undefined
  },
  reload: () => Promise.resolve(undefined),
}

/**
 * The client where pages are rendered on a server: a module that makes one can be loaded there, and says that the session is not known
 * yet, as a page does at first. Whatever would ask the gateway rejects with a `TypeError`: the visitor's cookie is not here.
 */
export const stillCore: CoreClient = {
  session,
  fetch: rejected,
  refresh: rejected,
  logout: rejected,
  token: rejected,
  close: () => undefined,
}

/** The same, whose streams throw. */
export const stillClient: GatewayClient = {
  ...stillCore,
  eventSource: absent,
  webSocket: absent,
}
