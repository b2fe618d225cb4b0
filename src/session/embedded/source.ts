import type { Auth, DBAdapter } from 'better-auth'
import type { Session, User } from '../../authn/principal.ts'
import type { AuthConfig } from '../../config/types.ts'
import type { SessionSource } from '../port.ts'

/** The rows as far as we read them; plugins add `role` and `banned`. */
interface Rows {
  readonly session: {
    readonly id: string
    readonly userId: string
    readonly expiresAt: Date
    readonly createdAt: Date
    readonly impersonatedBy?: string | null
  }
  readonly user: {
    readonly id: string
    readonly email: string
    readonly emailVerified: boolean
    readonly name: string
    readonly image?: string | null | undefined
    readonly role?: string | null
    readonly banned?: boolean | null
    readonly banExpires?: Date | null
  }
}

/**
 * Asks the embedded Better Auth about sessions. Reading neither writes nor sets cookies; extending goes through `getSession`, whose `Set-Cookie` the browser must get, or its cookie would end before its
 * session does.
 * @param reader on a connection of its own: Better Auth's is held by a sign-up for as long as its password is hashed
 * @param now wall clock, milliseconds
 */
export function createEmbeddedSource(
  auth: Pick<Auth, 'api'>,
  reader: Pick<DBAdapter, 'findOne'>,
  config: AuthConfig['session'],
  now: () => number,
): SessionSource {
  const toLive = (rows: Rows | null): Session | null => {
    if (rows === null) return null
    const expiresAtMs = new Date(rows.session.expiresAt).getTime()
    if (expiresAtMs <= now()) return null
    return toSession(rows, {
      now: now(),
      refreshAtMs: expiresAtMs - config.lifetimeMs + config.refreshAfterMs,
    })
  }
  async function find(field: 'token' | 'id', value: string): Promise<Session | null> {
    const where = [{ field, value }]
    type Joined = Rows['session'] & { readonly user: Rows['user'] | null }
    const row = await reader.findOne<Joined>({ model: 'session', where, join: { user: true } })
    return row?.user ? toLive({ session: row, user: row.user }) : null
  }
  return {
    findByToken: (token) => find('token', token),
    findById: (sessionId) => find('id', sessionId),
    async refresh(cookieHeader) {
      const { headers, response } = await auth.api.getSession({
        headers: new Headers({ cookie: cookieHeader }),
        query: { disableCookieCache: true },
        returnHeaders: true,
      })
      const session = toLive(response)
      return session === null ? null : { session, setCookies: headers.getSetCookie() }
    },
  }
}

function toSession(
  { session, user }: Rows,
  { now, refreshAtMs }: { readonly now: number; readonly refreshAtMs: number },
): Session {
  return {
    id: session.id,
    createdAtMs: new Date(session.createdAt).getTime(),
    expiresAtMs: new Date(session.expiresAt).getTime(),
    refreshAtMs,
    user: toUser(user, now),
    impersonatedBy: session.impersonatedBy ?? null,
    organization: null,
  }
}

function toUser(row: Rows['user'], now: number): User {
  const isOver = row.banExpires ? new Date(row.banExpires).getTime() <= now : false
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.emailVerified,
    name: row.name,
    image: row.image ?? null,
    role: row.role ?? null,
    banned: row.banned === true && !isOver,
  }
}
