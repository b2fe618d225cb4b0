import type { AuditEvent, Who } from '../../ops/audit/event.ts'
import { attemptOf, isChange, reasonOf, type Attempt } from './attempts.ts'
import type { Acting, Alone, Asked, Ended, Note } from './notes.ts'
import { changesOf, type Doing } from './changes.ts'

/**
 * What one request to Better Auth was, by its path, by how it ended and by what was seen meanwhile. Each thing once. Pure.
 *
 * What was written counts also where the request failed in the end: it was written.
 */
export function conclude(
  asked: Asked,
  notes: readonly Note[],
  { status, code }: Ended,
): readonly AuditEvent[] {
  const endpoint = notes.find((note) => note.kind === 'endpoint')?.pattern ?? null
  const acting = actingIn(notes)
  const attempt = withProvider(attemptOf(asked.path, acting !== null), asked)
  const doing: Doing = {
    ...{ path: asked.path, endpoint, acting, attempt },
    who: (userId, sessionId) => whoOf(asked, acting, userId, sessionId),
  }
  const hasFailed = status >= 400 || code !== null
  const changes = changesOf(notes, doing)
  if (attempt === null) return changes
  if (hasFailed) {
    const reason = reasonOf(status, code, attempt)
    return [...changes, ...failureOf(attempt, reason, asked, doing)]
  }
  return changes.length > 0 ? changes : quietOf(attempt, asked, notes, doing)
}

/** What somebody did without a request to Better Auth. */
export function concludeAlone(notes: readonly Note[], alone: Alone): readonly AuditEvent[] {
  return changesOf(notes, {
    ...{ path: '', endpoint: null, acting: null, attempt: null },
    who: (userId, sessionId) => ({ ...alone, userId, sessionId }),
  })
}

/** The session that a request came with: the last that was seen, because the first look may be before it was read. */
function actingIn(notes: readonly Note[]): Acting | null {
  const seen = notes.flatMap((note) =>
    note.kind === 'endpoint' && note.acting !== null ? [note.acting] : [],
  )
  return seen.at(-1) ?? null
}

/** @param userId whom it concerns; null: nobody knows */
export function whoOf(
  { path, requestId, address, userAgent }: Asked,
  acting: Acting | null,
  userId: string | null,
  sessionId: string | null,
): Who {
  const from = { via: 'request' as const, requestId, address, userAgent, userId, sessionId }
  if (acting?.impersonatedBy != null)
    return { ...from, actor: 'administrator', actorId: acting.impersonatedBy }
  if (path.startsWith('/admin/'))
    return { ...from, actor: 'administrator', actorId: acting?.userId ?? null }
  const actorId = acting?.userId ?? userId
  return actorId === null ? { ...from, actor: 'unknown' } : { ...from, actor: 'user', actorId }
}

/** What came of an attempt that was refused. */
export function failureOf(
  attempt: Attempt,
  reason: ReturnType<typeof reasonOf>,
  asked: Asked,
  { acting, endpoint, who }: Pick<Doing, 'acting' | 'endpoint' | 'who'>,
): readonly AuditEvent[] {
  const base = who(acting?.userId ?? null, acting?.sessionId ?? null)
  const end = { outcome: 'failure', reason } as const
  const { event } = attempt
  switch (event) {
    case 'sign_in':
    case 'sign_up': {
      // Whoever comes back from a provider and may not sign up has not failed to sign in.
      const isSignUp = reason === 'sign_up_closed' || reason === 'domain_not_allowed'
      const name = isSignUp ? 'sign_up' : event
      const { method, provider = null, factor } = attempt
      const given = { ...end, ...base, method, provider }
      const email = textOf(asked.body()['email'])
      return name === 'sign_in'
        ? [{ event: name, ...given, email, factor: factor ?? null }]
        : [{ event: name, ...given, email }]
    }
    case 'password.reset_asked':
      return [{ event, ...end, ...base, email: textOf(asked.body()['email']) }]
    case 'administration':
      return [{ event, ...end, ...base, endpoint: endpoint ?? plain(asked.path) }]
    case 'password.changed':
    case 'password.reset':
    case 'email.verified':
    case 'second_factor.enabled':
    case 'second_factor.disabled':
      return [{ event, ...end, ...base }]
  }
}

/** A success that nothing was written for. */
function quietOf(
  attempt: Attempt,
  asked: Asked,
  notes: readonly Note[],
  { acting, endpoint, who }: Doing,
): readonly AuditEvent[] {
  const base = who(acting?.userId ?? null, acting?.sessionId ?? null)
  const { event } = attempt
  const email = textOf(asked.body()['email'])
  if (event === 'password.reset_asked') return [{ event, outcome: 'success', ...base, email }]
  if (event === 'administration' && isChange(asked.path))
    return [{ event, outcome: 'success', ...base, endpoint: endpoint ?? plain(asked.path) }]
  // The answer does not say so, where addresses have to be verified first.
  const isRefused = event === 'sign_up' && !notes.some(({ kind }) => kind === 'user-created')
  const reason = 'account_exists' as const
  return isRefused
    ? [{ event, outcome: 'failure', reason, ...base, method: attempt.method, email }]
    : []
}

/** Where the path does not name the provider, the body does. */
export function withProvider(attempt: Attempt | null, asked: Asked): Attempt | null {
  if (attempt === null || !('method' in attempt) || attempt.method !== 'social') return attempt
  const named = asked.path === '/one-tap/callback' ? 'google' : textOf(asked.body()['provider'])
  return { ...attempt, provider: attempt.provider ?? named }
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A path of which nobody knows whether it holds a secret is said only where it is plain words. */
export function plain(path: string): string | null {
  return /^\/admin\/[a-z-]{1,40}$/.test(path) ? path : null
}
