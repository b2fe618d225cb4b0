import { readCookieValues } from '../../../authn/cookie.ts'
import type { SessionSource } from '../../port.ts'
import type { KnownSession, KnownSessions } from '../known.ts'
import type { Presenter } from '../proof.ts'

export interface CallerDeps {
  readonly cookieName: string
  readonly presenter: Presenter
  readonly known: KnownSessions
  readonly source: Pick<SessionSource, 'findByToken'>
}

/** A session and the token that stands for it. */
export interface Identified extends KnownSession {
  readonly token: string
}

/** What of a request tells who makes it. */
export interface Credentials {
  readonly cookie: string | null
  readonly authorization: string | null
  /** The client's address. */
  readonly address: string
}

/** Finds out whose sessions a request to Better Auth speaks of, while they are still there to be asked about. */
export interface Callers {
  /** Whose request it is; null for nobody. */
  readonly caller: (from: Credentials) => Promise<Identified | null>
  /** The session that a body names by its token. */
  readonly named: (token: string, from: Credentials) => Promise<Identified | null>
  /** Further accounts of the same browser (Better Auth's multi-session plugin), as far as they are known. */
  readonly others: (from: Credentials) => readonly Identified[]
}

export function createCallers({ cookieName, presenter, known, source }: CallerDeps): Callers {
  async function identify(
    token: string | null,
    value: string | null,
    address: string,
  ): Promise<Identified | null> {
    if (token === null) return null
    const remembered = known.find(value ?? token)
    if (remembered !== null) return { ...remembered, token }
    const cookie = presenter.present(token, value)
    if (cookie === null) return null
    const session = await source.findByToken(token, { cookie, address }).catch(() => null)
    return session && { sessionId: session.id, userId: session.user.id, token }
  }
  return {
    caller: ({ cookie, authorization, address }) => {
      const value = bearerValue(authorization) ?? readCookieValues(cookie ?? '', cookieName)[0]
      return value === undefined
        ? Promise.resolve(null)
        : identify(presenter.tokenIn(value), value, address)
    },
    named: (token, { cookie, address }) => {
      const name = `${cookieName}_multi-${token.toLowerCase()}`
      const value = readCookieValues(cookie ?? '', name)[0] ?? null
      return identify(token, value, address)
    },
    others: ({ cookie }) =>
      multiValues(cookie ?? '', cookieName).flatMap((value) => {
        const token = presenter.tokenIn(value)
        const found = known.find(value)
        return found === null || token === null ? [] : [{ ...found, token }]
      }),
  }
}

/** Better Auth's bearer plugin: to it, a signed token in `Authorization` comes before the cookie. */
function bearerValue(authorization: string | null): string | null {
  const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) return null
  return token.includes('%') ? token : encodeURIComponent(token)
}

function multiValues(header: string, cookieName: string): readonly string[] {
  return header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(equals, 0)).trim()
    return name.startsWith(`${cookieName}_multi-`) ? [pair.slice(equals + 1).trim()] : []
  })
}
