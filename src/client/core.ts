import { refreshAhead } from './core/ahead.ts'
import { Credentials } from './core/credentials.ts'
import { createFetch } from './core/fetch.ts'
import { Login } from './core/login.ts'
import { Session } from './core/session.ts'
import { onWake } from './core/wake.ts'
import { openTabs } from './tabs/tabs.ts'
import { leader, turns, type TakeTurn } from './tabs/turns.ts'
import type { ClientEvent, ClientOptions, CoreClient, Problem } from './types.ts'

export type * from './types.ts'
export { readProblem } from './problem.ts'

/** What streams are made with. */
export interface Core {
  readonly client: CoreClient
  readonly session: Session
  readonly isBearer: boolean
  /** Does what the gateway says helps. */
  readonly obey: (problem: Pick<Problem, 'action' | 'code' | 'login'>) => void
  /** Everything that is open ends with it. */
  readonly closing: AbortSignal
}

/**
 * The kit without streams: see `createGatewayClient`. It hears of what ends a session in other tabs, and elsewhere only when it next asks; where there
 * are no Web Locks (plain http on another host than localhost) each tab refreshes for itself.
 */
export function createCoreClient(options?: ClientOptions): CoreClient {
  return createCore(options).client
}

/**
 * @param lead is called in one of the tabs, and in another one when that is closed
 * @param otherwise how tabs take turns where there are no locks
 */
export function createCore(
  options: ClientOptions = {},
  lead: (core: Core) => void = () => undefined,
  otherwise: TakeTurn = (_tabs, _name, _signal, task) => task(),
): Core {
  const isBearer = options.mode === 'bearer'
  const ends = new AbortController()
  const closing = ends.signal
  const tabs = openTabs(closing)
  const takeTurn = turns(otherwise)
  const login = new Login(options.login)
  const emit = (event: ClientEvent): void => {
    plan()
    options.onEvent?.(event)
  }
  const session = new Session(tabs, (event, isHeard, isOther) => {
    // Nobody's requests go out under another name.
    if (isOther) credentials.current = undefined
    if (event.type === 'session') login.done()
    else if (options.signedOut !== 'stay' && (isHeard || event.code !== 'signed_out')) {
      // It may have been another session that ended.
      void session.reload().then((found) => {
        if (!found) login.ask(event.code)
      })
    }
    emit(event)
  })
  const obey: Core['obey'] = ({ action, code, login: page }) => {
    if (action !== 'login') return
    login.ask(code, page)
    // A session that is not fresh enough is one.
    if (code !== 'session_not_fresh') session.end(code)
  }
  const credentials = new Credentials({ tabs, takeTurn, session, isBearer, obey, emit })
  const client = createClient(options, session, credentials, obey, ends)
  const plan = planner(session, credentials, isBearer, client, closing)
  const core = { client, session, isBearer, obey, closing }
  void takeTurn(tabs, leader, closing, () => term(core, lead)).catch(() => undefined)
  return core
}

function createClient(
  { mode, authPath = '/api/auth' }: ClientOptions,
  session: Session,
  credentials: Credentials,
  obey: Core['obey'],
  ends: AbortController,
): CoreClient {
  const isBearer = mode === 'bearer'
  return {
    session,
    fetch: createFetch({ credentials, isBearer, obey }),
    refresh: async () => {
      const isThere = await credentials.refresh()
      if (isThere && !isBearer) await session.reload()
      return isThere
    },
    logout: () =>
      credentials.halted(async () => {
        const headers = { 'content-type': 'application/json' }
        const init = { method: 'POST', headers, body: '{}' }
        const response = await fetch(`${authPath}/sign-out`, init)
        if (!response.ok) throw new Error(`sign-out: ${response.status}`)
        session.end('signed_out')
      }),
    token: async () => (await credentials.live())?.[2] ?? null,
    close: () => {
      ends.abort()
    },
  }
}

/** Until the page closes. */
function term(core: Core, lead: (core: Core) => void): Promise<void> {
  return new Promise((resolve) => {
    lead(core)
    core.closing.addEventListener('abort', () => {
      resolve()
    })
  })
}

/** What is to be done ahead of time, and again when a page wakes that may have slept too long, or remember somebody else's session. */
function planner(
  session: Session,
  credentials: Credentials,
  isBearer: boolean,
  client: CoreClient,
  closing: AbortSignal,
): () => void {
  const reload = (): void => void session.reload()
  onWake(reload, closing)
  reload()
  const untilMs = (): number =>
    isBearer ? (credentials.current?.[1] ?? NaN) : Date.parse(session.current?.expiresAt ?? '')
  return refreshAhead(
    () => untilMs() - Date.now(),
    () => client.refresh(),
    closing,
  )
}
