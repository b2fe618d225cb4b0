import type { Auth, DBAdapter } from 'better-auth'
import type { Session } from '../../authn/principal.ts'
import type { AuthConfig } from '../../config/types.ts'
import type { SessionSource } from '../port.ts'
import { toSession, type Rows } from '../rows.ts'

/** Sessions that are kept elsewhere than in the database. */
export interface StoredSessions {
  findByToken(token: string): Promise<Rows['session'] | null>
  findById(sessionId: string): Promise<Rows['session'] | null>
}

export interface SourceParts {
  /** Runs a piece of Better Auth's work, and rejects where its answer may hide a failure. */
  readonly guard: <T>(work: () => Promise<T>) => Promise<T>
  /** null: sessions are in the database. */
  readonly sessions: StoredSessions | null
}

/**
 * Asks the embedded Better Auth about sessions. Reading neither writes nor sets cookies; extending goes through `getSession`, whose `Set-Cookie` the browser must get, or its cookie would end before its
 * session does.
 * @param reader on a connection of its own: Better Auth's is held by a sign-up for as long as its password is hashed
 * @param now wall clock, milliseconds
 */
export function createEmbeddedSource(
  auth: Pick<Auth, 'api' | 'options'>,
  reader: Pick<DBAdapter, 'findOne'>,
  config: AuthConfig['session'],
  now: () => number,
  { guard, sessions }: SourceParts = { guard: (work) => work(), sessions: null },
): SessionSource {
  const findOrganization = createMembership(auth, reader)
  async function toLive(rows: Rows | null): Promise<Session | null> {
    if (rows === null) return null
    const expiresAtMs = new Date(rows.session.expiresAt).getTime()
    if (expiresAtMs <= now()) return null
    const refreshAtMs = expiresAtMs - config.lifetimeMs + config.refreshAfterMs
    const organization = await findOrganization(rows.session)
    return toSession(rows, { now: now(), refreshAtMs, organization })
  }
  const findRows = createFinder(reader, sessions)
  return {
    findByToken: async (token) => toLive(await findRows('token', token)),
    findById: async (sessionId) => toLive(await findRows('id', sessionId)),
    async refresh(cookieHeader) {
      const { headers, response } = await guard(() =>
        auth.api.getSession({
          headers: new Headers({ cookie: cookieHeader }),
          query: { disableCookieCache: true },
          returnHeaders: true,
        }),
      )
      if (response === null) return null
      // What it answers with lacks the fields that clients are not shown.
      const session = await toLive(await findRows('token', response.session.token))
      return session === null ? null : { session, setCookies: headers.getSetCookie() }
    },
  }
}

/** Where sessions are kept, they are read; their users are read from the database in any case: what Redis holds of them may be older than a ban. */
function createFinder(
  reader: Pick<DBAdapter, 'findOne'>,
  sessions: StoredSessions | null,
): (field: 'token' | 'id', value: string) => Promise<Rows | null> {
  if (sessions === null) {
    return async (field, value) => {
      const where = [{ field, value }]
      type Joined = Rows['session'] & { readonly user: Rows['user'] | null }
      const row = await reader.findOne<Joined>({ model: 'session', where, join: { user: true } })
      return row?.user ? { session: row, user: row.user } : null
    }
  }
  return async (field, value) => {
    const session = await (field === 'token'
      ? sessions.findByToken(value)
      : sessions.findById(value))
    if (session === null) return null
    const where = [{ field: 'id', value: session.userId }]
    const user = await reader.findOne<Rows['user']>({ model: 'user', where })
    return user === null ? null : { session, user }
  }
}

/**
 * The active organisation of a session, with the role that its user has there now. The session row keeps naming an organisation that
 * its user has been removed from, and holds no role.
 */
function createMembership(
  auth: Pick<Auth, 'options'>,
  reader: Pick<DBAdapter, 'findOne'>,
): (session: Rows['session']) => Promise<Session['organization']> {
  // Without the plugin there is no such table, whatever a field of the user's own is called.
  const hasMembers = auth.options.plugins?.some(({ id }) => id === 'organization') === true
  return async ({ userId, activeOrganizationId }) => {
    if (!hasMembers || !activeOrganizationId) return null
    const where = [
      { field: 'organizationId', value: activeOrganizationId },
      { field: 'userId', value: userId },
    ]
    const member = await reader.findOne<{ readonly role: string }>({ model: 'member', where })
    return member === null ? null : { id: activeOrganizationId, role: member.role }
  }
}
