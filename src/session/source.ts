import type { DatabaseSync } from 'node:sqlite'
import { isAPIError } from 'better-auth/api'
import { getAdapter } from 'better-auth/db/adapter'
import type { Session, User } from '../authn/principal.ts'
import type { Auth } from '../better-auth/create.ts'
import type { Clock } from '../clock.ts'
import type { GatewayConfig } from '../config/types.ts'
import type { RefreshedSession, SessionSource } from './port.ts'

export interface SourceDeps {
  readonly auth: Auth
  readonly config: GatewayConfig
  readonly clock: Clock
  /**
   * A connection for reading sessions. Better Auth holds its own for as long as a sign-up takes, password hashing
   * included; look-ups on that one would wait for it. The same as Better Auth's where there can be only one.
   */
  readonly reader: DatabaseSync
}

type SessionField = 'token' | 'id'
type Row = Readonly<Record<string, unknown>>

/**
 * Sessions as Better Auth stores them. Looking up writes nothing and sets no cookie. Rejections are passed on: the store
 * could not answer.
 *
 * `refreshAtMs` is computed as for a session that slides. That "remember me" was declined is known to the browser's
 * `dont_remember` cookie alone, so the caller has to look for it.
 */
export async function createSessionSource(deps: SourceDeps): Promise<SessionSource> {
  const { auth, config, clock } = deps
  const { options } = await auth.$context
  const adapter = await getAdapter({ ...options, database: deps.reader })

  async function find(field: SessionField, value: string): Promise<Session | null> {
    const where = [{ field, value }]
    const row = await adapter.findOne<Row>({ model: 'session', where, join: { user: true } })
    if (row === null) return null
    const user = row['user'] as Row | null
    return user === null ? null : alive(toSession(row, user, config, clock.now()), clock.now())
  }

  return {
    findByToken: (token) => find('token', token),
    findById: (sessionId) => find('id', sessionId),
    refresh: (cookieHeader) => refresh(cookieHeader, deps),
  }
}

async function refresh(
  cookieHeader: string,
  { auth, config, clock }: SourceDeps,
): Promise<RefreshedSession | null> {
  try {
    const { headers, response } = await auth.api.getSession({
      headers: new Headers({ cookie: cookieHeader }),
      query: { disableCookieCache: true },
      returnHeaders: true,
    })
    if (response === null) return null
    const session = alive(
      toSession(response.session, response.user, config, clock.now()),
      clock.now(),
    )
    return session === null ? null : { session, setCookies: headers.getSetCookie() }
  } catch (error) {
    // The row went away between the read and the write.
    if (isAPIError(error) && error.statusCode === 401) return null
    throw error
  }
}

function alive(session: Session, now: number): Session | null {
  return session.expiresAtMs > now ? session : null
}

function toSession(row: Row, user: Row, { auth }: GatewayConfig, now: number): Session {
  const expiresAtMs = timeOf(row['expiresAt'])
  const { lifetimeMs, refreshAfterMs } = auth.session
  return {
    id: String(row['id']),
    expiresAtMs,
    refreshAtMs: expiresAtMs - lifetimeMs + refreshAfterMs,
    user: toUser(user, now),
  }
}

function toUser(row: Row, now: number): User {
  const banExpires = row['banExpires']
  const isBanOver = banExpires !== null && banExpires !== undefined && timeOf(banExpires) <= now
  return {
    id: String(row['id']),
    email: String(row['email']),
    emailVerified: row['emailVerified'] === true,
    name: textOrNull(row['name']) ?? '',
    image: textOrNull(row['image']),
    role: textOrNull(row['role']),
    banned: row['banned'] === true && !isBanOver,
  }
}

function timeOf(value: unknown): number {
  const time = new Date(value as string | number | Date).getTime()
  if (Number.isNaN(time)) throw new Error('a date of a session or user row cannot be read')
  return time
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
