import type { AuditEvent, Method, Who } from '../../ops/audit/event.ts'
import { fieldsOf, type AuthReply } from '../mount.ts'
import type { RevocationEvent } from '../revocation/event.ts'
import { attemptOf, isChange, reasonOf, type Attempt } from './attempts.ts'
import { failureOf, plain, textOf, whoOf, withProvider } from './conclude.ts'
import type { Asked, Ended } from './notes.ts'

interface Session {
  readonly sessionId: string
  readonly userId: string
}

/** How a Better Auth elsewhere has answered. */
export interface RemoteEnd extends Ended {
  /** The JSON of the answer; empty where it is none, or was not read. */
  readonly answer: AuthReply['body']
  /** It has set a session cookie. */
  readonly signsIn: boolean
}

/** Whose sessions a request speaks of, as far as they were known before it was passed on. */
export interface RemoteSessions {
  readonly caller: Session | null
  readonly named: Session | null
  readonly others: readonly Session[]
}

interface Case extends RemoteSessions {
  readonly asked: Asked
  readonly end: RemoteEnd
  readonly attempt: Attempt | null
  readonly who: (userId: string | null, sessionId?: string | null) => Who
}

/**
 * What a request was that passed through `auth.path` to a Better Auth elsewhere, as far as path, bodies and cookies tell. Pure. What they do not tell is null, or not
 * said: docs/audit-log.md lists it.
 */
export function concludeRemote(
  asked: Asked,
  end: RemoteEnd,
  sessions: RemoteSessions,
): readonly AuditEvent[] {
  const { caller } = sessions
  const acting = caller && { ...caller, impersonatedBy: null }
  const attempt = withProvider(attemptOf(asked.path, caller !== null), asked)
  const who = (userId: string | null, sessionId: string | null = null): Who =>
    whoOf(asked, acting, userId, sessionId)
  const hasFailed = end.status >= 400 || end.code !== null
  if (!hasFailed) return succeeded({ ...sessions, asked, end, attempt, who })
  if (attempt === null) return []
  return failureOf(attempt, reasonOf(end.status, end.code, attempt), asked, {
    ...{ acting, endpoint: null, who },
  })
}

/** What was pushed that ends something; changes are no news to an audit log. */
export function ofPush(event: RevocationEvent): readonly AuditEvent[] {
  const base = { outcome: 'success', actor: 'elsewhere', via: 'push' } as const
  switch (event.kind) {
    case 'session-revoked': {
      const { sessionId, userId } = event
      return [{ event: 'session.revoked', ...base, sessionId, userId }]
    }
    case 'user-revoked':
      return [{ event: 'user.revoked', ...base, userId: event.userId }]
    case 'user-deleted':
      return [{ event: 'user.deleted', ...base, userId: event.userId }]
    case 'everyone-revoked':
      return [{ event: 'everyone.revoked', ...base }]
    case 'session-changed':
    case 'user-changed':
    case 'everything-changed':
      return []
  }
}

/** Whether the answer tells more than its status. */
export function isTelling({ method, path }: Pick<Asked, 'method' | 'path'>): boolean {
  return method === 'POST' && (attemptOf(path, false) !== null || Object.hasOwn(byPath, path))
}

function succeeded(given: Case): readonly AuditEvent[] {
  const { asked, attempt } = given
  const known = Object.hasOwn(byPath, asked.path) ? byPath[asked.path] : undefined
  if (known !== undefined) return known(given)
  if (attempt !== null) return attempted(attempt, given)
  const isUnknown = given.caller === null && asked.path !== '/get-session'
  return isUnknown ? signedIn('other', given) : []
}

function attempted(attempt: Attempt, given: Case): readonly AuditEvent[] {
  const { asked, end, caller, who } = given
  const base = { outcome: 'success', ...who(caller?.userId ?? subjectOf(given)) } as const
  switch (attempt.event) {
    case 'sign_in':
      return end.answer['twoFactorRedirect'] === true
        ? [{ event: 'second_factor.asked', ...base, method: attempt.method }]
        : signedIn(attempt.method, given)
    case 'sign_up':
      return [
        { event: 'sign_up', ...base, method: attempt.method },
        ...signedIn(attempt.method, given),
      ]
    case 'password.reset_asked':
      return [{ event: attempt.event, ...base, email: textOf(asked.body()['email']) }]
    case 'email.verified':
      return [{ event: attempt.event, ...base }, ...signedIn('email_verification', given)]
    case 'second_factor.enabled': {
      // For an app with codes, this only begins it.
      const isBegun = asked.path === '/two-factor/enable' && end.answer['method'] !== 'otp'
      return isBegun ? [] : [{ event: attempt.event, ...base }]
    }
    case 'administration':
      return isChange(asked.path)
        ? [{ event: attempt.event, ...base, endpoint: plain(asked.path) }]
        : []
    case 'password.changed':
    case 'password.reset':
    case 'second_factor.disabled':
      return [{ event: attempt.event, ...base }]
  }
}

function signedIn(method: Method, given: Case): readonly AuditEvent[] {
  const { end, attempt, who } = given
  if (!end.signsIn) return []
  const known = attempt?.event === 'sign_in' || attempt?.event === 'sign_up' ? attempt : null
  const { provider = null, factor = null } = known ?? {}
  const base = { outcome: 'success', ...who(subjectOf(given)) } as const
  return [{ event: 'sign_in', ...base, method, provider, factor }]
}

/** Whom the answer or the body names. */
function subjectOf({ asked, end }: Pick<Case, 'asked' | 'end'>): string | null {
  return textOf(fieldsOf(end.answer['user'])['id']) ?? textOf(asked.body()['userId'])
}

const ofUser =
  (
    event:
      | 'user.banned'
      | 'user.unbanned'
      | 'user.revoked'
      | 'user.deleted'
      | 'user.created'
      | 'impersonation.started',
  ) =>
  (given: Case): readonly AuditEvent[] => [
    { event, outcome: 'success', ...given.who(subjectOf(given)) },
  ]

const ended = (event: 'sign_out' | 'impersonation.stopped', given: Case): readonly AuditEvent[] => {
  const all = [...(given.caller === null ? [] : [given.caller]), ...given.others]
  return all.map(({ userId, sessionId }) => ({
    event,
    outcome: 'success',
    ...given.who(userId, sessionId),
  }))
}

/** Better Auth says "done" too where there was no such session, or where it is somebody else's. */
const revoked =
  (isOwn: boolean) =>
  ({ named, caller, who }: Case): readonly AuditEvent[] =>
    named === null || (isOwn && named.userId !== caller?.userId)
      ? []
      : [{ event: 'session.revoked', outcome: 'success', ...who(named.userId, named.sessionId) }]

const member =
  (
    event: 'membership.added' | 'membership.changed' | 'membership.removed',
    read: (answer: AuthReply['body']) => unknown,
  ) =>
  ({ end, who }: Case): readonly AuditEvent[] => {
    const row = fieldsOf(read(end.answer))
    const organizationId = textOf(row['organizationId'])
    const base = { outcome: 'success', ...who(textOf(row['userId'])), organizationId } as const
    return event === 'membership.removed'
      ? [{ event, ...base }]
      : [{ event, ...base, roles: textOf(row['role']) }]
  }

const byPath: Readonly<Record<string, (given: Case) => readonly AuditEvent[]>> = {
  '/sign-out': (given) => ended('sign_out', given),
  '/admin/stop-impersonating': (given) => ended('impersonation.stopped', given),
  '/revoke-session': revoked(true),
  '/multi-session/revoke': revoked(false),
  '/admin/revoke-user-session': revoked(false),
  '/revoke-sessions': ({ caller, who }) => [
    { event: 'user.revoked', outcome: 'success', ...who(caller?.userId ?? null) },
  ],
  // Which they are is not said.
  '/revoke-other-sessions': ({ caller, who }) => [
    { event: 'session.revoked', outcome: 'success', ...who(caller?.userId ?? null) },
  ],
  '/delete-user': ({ end, caller, who }) =>
    end.answer['message'] === 'User deleted'
      ? [{ event: 'user.deleted', outcome: 'success', ...who(caller?.userId ?? null) }]
      : [],
  '/delete-user/callback': ({ caller, who }) => [
    { event: 'user.deleted', outcome: 'success', ...who(caller?.userId ?? null) },
  ],
  '/admin/ban-user': ofUser('user.banned'),
  '/admin/unban-user': ofUser('user.unbanned'),
  '/admin/revoke-user-sessions': ofUser('user.revoked'),
  '/admin/remove-user': ofUser('user.deleted'),
  '/admin/create-user': ofUser('user.created'),
  '/admin/impersonate-user': ofUser('impersonation.started'),
  '/admin/set-user-password': (given) => [
    { event: 'password.changed', outcome: 'success', ...given.who(subjectOf(given)) },
  ],
  '/admin/set-role': (given) => {
    const { role } = given.asked.body()
    const roles = Array.isArray(role) ? role.join(',') : textOf(role)
    return [{ event: 'role.changed', outcome: 'success', ...given.who(subjectOf(given)), roles }]
  },
  '/api-key/create': ({ end, caller, who }) => [
    {
      event: 'api_key.created',
      outcome: 'success',
      ...who(caller?.userId ?? null),
      keyId: textOf(end.answer['id']),
    },
  ],
  '/api-key/delete': ({ asked, caller, who }) => [
    {
      event: 'api_key.deleted',
      outcome: 'success',
      ...who(caller?.userId ?? null),
      keyId: textOf(asked.body()['keyId']),
    },
  ],
  '/organization/accept-invitation': member('membership.added', ({ member }) => member),
  '/organization/update-member-role': member('membership.changed', (answer) => answer),
  '/organization/remove-member': member('membership.removed', ({ member }) => member),
}
