import type { Session } from '../../authn/principal.ts'
import type { SessionProof } from '../../authn/sessions.ts'
import type { AuthConfig } from '../../config/types.ts'
import type { RefreshedSession, SessionSource } from '../port.ts'
import type { RevocationEvent } from '../revocation/event.ts'
import { toSession } from '../rows.ts'
import { readAnswer, type Told } from './answer.ts'
import type { Answer, RemoteClient } from './client/client.ts'
import { RemoteFailure } from './client/failure.ts'
import type { KnownSessions } from './known.ts'
import type { Presenter } from './proof.ts'

export interface RemoteSourceOptions {
  readonly client: Pick<RemoteClient, 'ask'>
  readonly path: string
  readonly cookieName: string
  readonly isAuthCookie: (name: string) => boolean
  readonly session: Pick<AuthConfig['session'], 'lifetimeMs' | 'refreshAfterMs'>
  readonly presenter: Presenter
  readonly known: KnownSessions
  /** What was extended is no longer what others remember. */
  readonly say: (event: RevocationEvent) => void
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

/** After a refresh that extended nothing: how long until the next, milliseconds. The remote may have other times than ours, or never extend. */
const pauseMs = 600_000

/**
 * Asks a Better Auth that runs elsewhere about sessions. Reading writes nothing there and sets no cookies; extending gives back the cookies that the browser
 * must get. Every method rejects when the answer cannot be known.
 */
export function createRemoteSource(options: RemoteSourceOptions): SessionSource {
  const { presenter, known } = options
  return {
    findByToken: (token, proof) => find(options, token, proof ?? null),
    async findById(sessionId, given) {
      const proof = given ?? known.proofOf(sessionId)
      const token = proof === null ? null : presenter.tokenIn(proof.cookie)
      if (token === null) throw new RemoteFailure('the cookie of a session is not known here')
      const session = await find(options, token, proof)
      return session?.id === sessionId ? session : null
    },
    async refresh(cookieHeader, address = '') {
      const cookie = cookieHeader.slice(cookieHeader.indexOf('=') + 1)
      const token = presenter.tokenIn(cookie)
      if (token === null) return null
      return refresh(options, token, { cookie, address })
    },
  }
}

async function find(
  options: RemoteSourceOptions,
  token: string,
  proof: SessionProof | null,
): Promise<Session | null> {
  const query = 'disableRefresh=true&disableCookieCache=true'
  const told = await ask(options, 'GET', query, token, proof)
  if (told !== null) return toLive(options, told, token, proof)
  options.known.forget(token)
  return null
}

function ask(
  options: RemoteSourceOptions,
  method: 'GET' | 'POST',
  query: string,
  token: string,
  proof: SessionProof | null,
  read: (answer: Answer) => Told | null = (answer) => readAnswer(answer, token),
): Promise<Told | null> {
  const { client, path, cookieName, presenter } = options
  const value = presenter.present(token, proof?.cookie ?? null)
  if (value === null) throw new RemoteFailure('the cookie of a session is not known here')
  const question = {
    method,
    path: `${path}/get-session?${query}`,
    cookie: `${cookieName}=${value}`,
    address: proof?.address ?? '',
  }
  return client.ask(question, read)
}

async function refresh(
  options: RemoteSourceOptions,
  token: string,
  proof: SessionProof,
): Promise<RefreshedSession | null> {
  const setCookies: string[] = []
  const read = (answer: Answer): Told | null => {
    // Better Auth's word for a session that ended while it was being extended.
    const told = answer.status === 401 ? null : readAnswer(answer, token)
    setCookies.push(...answer.setCookies.filter((cookie) => isOf(options, cookie)))
    return told
  }
  const query = 'disableCookieCache=true'
  let told = await ask(options, 'GET', query, token, proof, read)
  if (told?.needsRefresh === true) told = await ask(options, 'POST', query, token, proof, read)
  const { known, now, say } = options
  const session = told === null ? null : toLive(options, told, token, proof)
  if (session === null) {
    const gone = known.find(token)
    if (gone !== null) say({ kind: 'session-changed', ...gone })
    return null
  }
  const { id: sessionId, user } = session
  const isExtended = session.refreshAtMs > now()
  if (!isExtended) known.postpone(sessionId, now() + pauseMs)
  say({ kind: 'session-changed', sessionId, userId: user.id })
  return {
    session: isExtended ? session : { ...session, refreshAtMs: now() + pauseMs },
    setCookies,
  }
}

function isOf({ isAuthCookie }: RemoteSourceOptions, setCookie: string): boolean {
  return isAuthCookie(setCookie.slice(0, Math.max(0, setCookie.indexOf('='))).trim())
}

function toLive(
  options: RemoteSourceOptions,
  { rows, updatedAtMs, organization }: Told,
  token: string,
  proof: SessionProof | null,
): Session | null {
  const { known, session: times, now } = options
  const expiresAtMs = Date.parse(String(rows.session.expiresAt))
  if (expiresAtMs <= now()) return null
  const { lifetimeMs, refreshAfterMs } = times
  // Whichever comes first: its own times may differ from ours, and a session is changed by more than by being extended.
  const dueAtMs = Math.min(expiresAtMs - lifetimeMs, updatedAtMs ?? Infinity) + refreshAfterMs
  const refreshAtMs = Math.max(dueAtMs, known.postponedUntil(rows.session.id))
  const session = toSession(rows, { now: now(), refreshAtMs, organization })
  if (proof !== null) known.remember(session, token, proof)
  return session
}
