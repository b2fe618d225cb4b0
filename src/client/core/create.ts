import { refreshAhead } from './ahead.ts'
import { createCredentials } from './credentials.ts'
import { createFetch } from './fetch.ts'
import { createLogin } from './login.ts'
import { createSession, type Session, type SessionEvent } from './session.ts'
import { onWake } from './wake.ts'
import { ask } from '../ask.ts'
import { leader, turns, type TakeTurnIn } from '../tabs/turns.ts'
import type { ClientEvent, ClientOptions, CoreClient, Problem } from '../types.ts'

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
 * @param otherwise how tabs take turns where there are no locks
 * @param lead is called in one of the tabs, and in another one when that is closed
 */
export function createCore(
  options: ClientOptions = {},
  otherwise: TakeTurnIn = () => (_name, _signal, task) => task(),
  lead?: (core: Core) => void,
): Core {
  const isBearer = options.mode === 'bearer'
  const ends = new AbortController()
  const closing = ends.signal
  const tabs = new BroadcastChannel('sallyport')
  const takeTurn = turns(tabs, otherwise)
  const login = createLogin(options.login)
  const emit = (event: ClientEvent): void => {
    plan()
    options.onEvent?.(event)
  }
  const onSession = (event: SessionEvent, isHeard: boolean, isOther: boolean): void => {
    // Nobody's requests go out under another name.
    if (isOther) credentials.drop()
    if (event.type === 'session') login()
    else if (options.signedOut !== 'stay' && (isHeard || event.code !== 'signed_out')) {
      // It may have been another session that ended.
      void session.reload().then((found) => {
        if (!found) login(event.code)
      })
    }
    emit(event)
  }
  const session = createSession(tabs, onSession, closing)
  const obey: Core['obey'] = ({ action, code, login: page }) => {
    if (action !== 'login') return
    // A session that is not fresh enough is one.
    if (code !== 'session_not_fresh') {
      session.end(code)
      // Somebody is signing out.
      if (session.current) return
    }
    login(code, page)
  }
  const credentials = createCredentials(tabs, takeTurn, isBearer, session, obey, emit, closing)
  const client: CoreClient = {
    session,
    fetch: createFetch(isBearer, credentials, obey),
    refresh: async () => {
      const isThere = await credentials.refresh()
      // It may live longer now, or have begun without us.
      if (isThere && !(isBearer && session.current)) await session.reload()
      return isThere
    },
    logout: () =>
      credentials.halted(async () => {
        const path = (options.authPath ?? '/api/auth') + '/sign-out'
        // A Better Auth behind some frameworks wants a type even of no body (415).
        const body = new Blob(['{}'], { type: 'application/json' })
        const [isDone] = await ask(path, { method: 'POST', body })
        if (!isDone) throw new TypeError('sign-out')
        session.end('signed_out')
      }),
    token: async () => (await credentials.live())?.[2] ?? null,
    // The channel stays open: what is under way still has to say that it is over.
    close: () => {
      ends.abort()
    },
  }
  const untilMs = (): number =>
    // Nothing minus something is NaN: nothing expires.
    (isBearer ? credentials.current?.[1] : Date.parse(session.current?.expiresAt ?? '')) as number
  const plan = refreshAhead(
    () => untilMs() - Date.now(),
    () => client.refresh(),
    closing,
  )
  const reload = (): void => void session.reload()
  reload()
  // A page may have slept too long, or have been restored from when somebody else was signed in.
  onWake(reload, closing)
  const core = { client, session, isBearer, obey, closing }
  const term = (): Promise<unknown> =>
    new Promise((resolve) => {
      lead?.(core)
      closing.addEventListener('abort', resolve)
    })
  // It rejects when the page closes first.
  takeTurn(leader, closing, term).catch(() => undefined)
  return core
}
