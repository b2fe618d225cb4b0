import { readCookieValues } from '../authn/cookie.ts'
import type { Session } from '../authn/principal.ts'
import type { RequestHead } from '../head.ts'
import type { RefreshedSession, SessionSource } from './port.ts'

export interface SlideDeps {
  readonly source: SessionSource
  readonly cookieNames: { readonly token: string; readonly dontRemember: string }
  /** How long a request may wait for the refresh, milliseconds. */
  readonly waitMs: number
  readonly onFailed: (error: unknown) => void
}

/**
 * Extends sessions whose sliding refresh is due: one refresh per session at a time, shared by everyone who waits for it. A
 * refresh that fails or takes too long never refuses the request, which has a valid session; it is reported, and the next
 * request tries again.
 */
export function createSlide(
  deps: SlideDeps,
): (
  session: Session,
  head: Pick<RequestHead, 'cookie'> & Partial<Pick<RequestHead, 'address'>>,
) => Promise<RefreshedSession> {
  const underWay = new Map<string, Promise<RefreshedSession | null>>()
  return async (session, { cookie, address }) => {
    const unchanged: RefreshedSession = { session, setCookies: [] }
    const cookies = sessionCookies(cookie ?? '', deps.cookieNames)
    if (cookies === null) return unchanged
    const refresh = underWay.get(session.id) ?? start(session.id, cookies, address)
    try {
      return (await within(deps.waitMs, refresh)) ?? unchanged
    } catch (error) {
      deps.onFailed(error)
      return unchanged
    }
  }

  function start(
    sessionId: string,
    cookies: string,
    address: string | undefined,
  ): Promise<RefreshedSession | null> {
    const refresh = deps.source.refresh(cookies, address).finally(() => underWay.delete(sessionId))
    underWay.set(sessionId, refresh)
    return refresh
  }
}

/** Exactly the cookies that Better Auth needs for a refresh; null where "remember me" was declined: it never slides. */
function sessionCookies(header: string, names: SlideDeps['cookieNames']): string | null {
  if (readCookieValues(header, names.dontRemember).length > 0) return null
  const [value] = readCookieValues(header, names.token)
  return value === undefined ? null : `${names.token}=${value}`
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the session refresh took longer than ${ms} ms`))
    }, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
