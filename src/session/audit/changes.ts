import type { AuditEvent, Who } from '../../ops/audit/event.ts'
import type { Attempt } from './attempts.ts'
import type { Acting, Note, NoteOf, UserFields } from './notes.ts'

/** What is known of whoever makes Better Auth do something. */
export interface Doing {
  /** Below `auth.path`; empty: no request. */
  readonly path: string
  readonly endpoint: string | null
  readonly acting: Acting | null
  readonly attempt: Attempt | null
  readonly who: (userId: string | null, sessionId: string | null) => Who
}

/** What was changed, by what was seen. Pure. */
export function changesOf(notes: readonly Note[], doing: Doing): readonly AuditEvent[] {
  const sessions = pair(notes, doing.acting)
  return notes.flatMap((note, index): readonly AuditEvent[] => {
    switch (note.kind) {
      case 'endpoint':
        return []
      case 'session-created':
        return begun(note, sessions, doing)
      case 'session-ended':
        return ended(note, sessions, doing)
      case 'user-revoked':
      case 'user-deleted': {
        const isFirst = notes.findIndex((each) => isSame(each, note)) === index
        const event = note.kind === 'user-revoked' ? 'user.revoked' : 'user.deleted'
        return isFirst ? [{ event, outcome: 'success', ...doing.who(note.userId, null) }] : []
      }
      case 'user-created':
        return made(note, doing)
      case 'user-updated':
        return updated(note, doing)
      case 'password-written':
        return password(note, notes, doing)
      case 'key-created':
      case 'key-deleted': {
        const { keyId, userId } = note
        const event = note.kind === 'key-created' ? 'api_key.created' : 'api_key.deleted'
        const owner = userId ?? doing.acting?.userId ?? null
        return [{ event, outcome: 'success', ...doing.who(owner, null), keyId }]
      }
      case 'member-added':
      case 'member-changed':
      case 'member-removed':
        return membership(note, doing)
    }
  })
}

interface Pairs {
  /** Begun and ended by the same request. */
  readonly passing: ReadonlySet<string>
  /** The session that goes on in place of the one that the request came with; null: none does. */
  readonly replacement: string | null
}

function pair(notes: readonly Note[], acting: Acting | null): Pairs {
  const begun = notes.filter((note) => note.kind === 'session-created')
  const over = new Set(
    notes.flatMap((note) => (note.kind === 'session-ended' ? [note.sessionId] : [])),
  )
  const passing = new Set(begun.map(({ sessionId }) => sessionId).filter((id) => over.has(id)))
  const next = begun.find(
    ({ userId, sessionId, impersonatedBy }) =>
      userId === acting?.userId &&
      over.has(acting.sessionId) &&
      !passing.has(sessionId) &&
      impersonatedBy === acting.impersonatedBy,
  )
  return { passing, replacement: next?.sessionId ?? null }
}

function begun(
  note: NoteOf<'session-created'>,
  { passing, replacement }: Pairs,
  { acting, attempt, endpoint, who }: Doing,
): readonly AuditEvent[] {
  const { sessionId, userId, impersonatedBy } = note
  const success = { outcome: 'success', ...who(userId, sessionId) } as const
  const known = attempt?.event === 'sign_in' || attempt?.event === 'sign_up' ? attempt : null
  const method = known?.method ?? methodOf(attempt)
  if (passing.has(sessionId))
    return [{ event: 'second_factor.asked', ...success, sessionId: null, method }]
  if (sessionId === replacement) {
    const previousSessionId = acting?.sessionId ?? null
    return [{ event: 'session.replaced', ...success, previousSessionId }]
  }
  if (impersonatedBy !== null) {
    const actor = { actor: 'administrator', actorId: impersonatedBy } as const
    return [{ event: 'impersonation.started', ...success, ...actor }]
  }
  return [
    {
      event: 'sign_in',
      ...success,
      method,
      provider: known?.provider ?? null,
      factor: known?.factor ?? null,
      endpoint: method === 'other' ? endpoint : null,
    },
  ]
}

function methodOf(attempt: Attempt | null): 'email_verification' | 'other' {
  return attempt?.event === 'email.verified' ? 'email_verification' : 'other'
}

function ended(
  { sessionId, userId }: NoteOf<'session-ended'>,
  { passing, replacement }: Pairs,
  { path, acting, who }: Doing,
): readonly AuditEvent[] {
  const isReplaced = replacement !== null && sessionId === acting?.sessionId
  if (passing.has(sessionId) || isReplaced) return []
  const success = { outcome: 'success', ...who(userId, sessionId) } as const
  if (path === '/sign-out') return [{ event: 'sign_out', ...success }]
  if (path === '/admin/stop-impersonating') return [{ event: 'impersonation.stopped', ...success }]
  return [{ event: 'session.revoked', ...success }]
}

function made(
  { userId }: NoteOf<'user-created'>,
  { path, attempt, endpoint, who }: Doing,
): readonly AuditEvent[] {
  const success = { outcome: 'success', ...who(userId, null) } as const
  if (path.startsWith('/admin/')) return [{ event: 'user.created', ...success }]
  const known = attempt?.event === 'sign_in' || attempt?.event === 'sign_up' ? attempt : null
  const method = known?.method ?? 'other'
  const provider = known?.provider ?? null
  return [
    {
      event: 'sign_up',
      ...success,
      ...{ method, provider, endpoint: method === 'other' ? endpoint : null },
    },
  ]
}

/** The first password of a new account is a part of signing up. */
function password(
  { userId, isNew }: NoteOf<'password-written'>,
  notes: readonly Note[],
  { attempt, who }: Doing,
): readonly AuditEvent[] {
  const isOfSignUp = notes.some((note) => note.kind === 'user-created' && note.userId === userId)
  if (isNew && isOfSignUp) return []
  const event = attempt?.event === 'password.reset' ? 'password.reset' : 'password.changed'
  return [{ event, outcome: 'success', ...who(userId, null) }]
}

function updated(
  { userId, fields }: NoteOf<'user-updated'>,
  { path, acting, who }: Doing,
): readonly AuditEvent[] {
  const success = { outcome: 'success', ...who(userId, null) } as const
  const { email, emailVerified, banned, role, twoFactorEnabled } = fields
  const events: AuditEvent[] = []
  if (banned === true) events.push({ event: 'user.banned', ...success, until: untilOf(fields) })
  // A ban that has run out is lifted by the sign-in that finds it.
  const isByItself = acting === null && path !== '' && !path.startsWith('/admin/')
  const lifter = isByItself ? ({ actor: 'gateway', actorId: null } as const) : {}
  if (banned === false) events.push({ event: 'user.unbanned', ...success, ...lifter })
  if (role !== undefined) events.push({ event: 'role.changed', ...success, roles: rolesOf(role) })
  if (twoFactorEnabled === true) events.push({ event: 'second_factor.enabled', ...success })
  if (twoFactorEnabled === false) events.push({ event: 'second_factor.disabled', ...success })
  if (typeof email === 'string') events.push({ event: 'email.changed', ...success, email })
  if (emailVerified === true) events.push({ event: 'email.verified', ...success })
  return events
}

function untilOf({ banExpires }: UserFields): string | null {
  const date =
    banExpires instanceof Date || typeof banExpires === 'string' ? new Date(banExpires) : null
  return date === null || Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function rolesOf(role: unknown): string | null {
  if (Array.isArray(role)) return role.join(',')
  return typeof role === 'string' ? role : null
}

function membership(
  note: NoteOf<'member-added' | 'member-changed' | 'member-removed'>,
  { who }: Doing,
): readonly AuditEvent[] {
  const { kind, userId, organizationId, roles } = note
  const success = { outcome: 'success', ...who(userId, null), organizationId } as const
  if (kind === 'member-removed') return [{ event: 'membership.removed', ...success }]
  const event = kind === 'member-added' ? 'membership.added' : 'membership.changed'
  return [{ event, ...success, roles }]
}

function isSame(one: Note, other: NoteOf<'user-revoked' | 'user-deleted'>): boolean {
  return one.kind === other.kind && one.userId === other.userId
}
