/**
 * What one gateway tells the others. Tokens are named by their digest: whoever may read the log learns no credential.
 */
export type RevocationEvent =
  | {
      readonly kind: 'session-revoked'
      readonly sessionId: string
      /** null where only the id is known. */
      readonly tokenDigest: string | null
      readonly userId: string
    }
  | { readonly kind: 'session-changed'; readonly sessionId: string; readonly userId: string }
  | { readonly kind: 'user-changed'; readonly userId: string }
  | { readonly kind: 'user-deleted'; readonly userId: string }
  /** Whatever was issued for the user before this time, milliseconds since the epoch, is refused. */
  | { readonly kind: 'user-revoked'; readonly userId: string; readonly beforeMs: number }
  /** The same for all users, whoever they are; all their sessions have ended. */
  | { readonly kind: 'everyone-revoked'; readonly beforeMs: number }
  | { readonly kind: 'everything-changed' }

/** Whoever must know of revocations: caches, what is open, marks. */
export interface RevocationHearer {
  /** @param atMs when it was said, milliseconds since the epoch */
  heard(event: RevocationEvent, atMs: number): void
}

/** An event as the log holds it. */
export interface LoggedEvent {
  readonly event: RevocationEvent
  /** Which gateway said it: the one that did has heard it already. */
  readonly node: string
  /** By the clock of whoever said it, milliseconds since the epoch. */
  readonly atMs: number
}

/** One line of JSON; its counterpart is `parseLogged`. */
export function formatLogged(logged: LoggedEvent): string {
  return JSON.stringify(logged)
}

/**
 * Reads what `formatLogged` wrote. Null for anything else: a later release may say things that this one does not know, and a
 * gateway that cannot read one must forget everything rather than overlook it.
 */
export function parseLogged(text: string): LoggedEvent | null {
  const value = parseObject(text)
  if (value === null) return null
  const { event, node, atMs } = value
  if (typeof node !== 'string' || typeof atMs !== 'number') return null
  const parsed = parseEvent(event)
  return parsed === null ? null : { event: parsed, node, atMs }
}

/** An event that came from outside; null for anything that is none. */
export function parseEvent(value: unknown): RevocationEvent | null {
  if (!isObject(value)) return null
  const { kind, sessionId, tokenDigest, userId, beforeMs } = value
  if (kind === 'everything-changed') return { kind }
  if (kind === 'everyone-revoked') return typeof beforeMs === 'number' ? { kind, beforeMs } : null
  if (typeof userId !== 'string') return null
  switch (kind) {
    case 'session-revoked':
      if (typeof sessionId !== 'string') return null
      return {
        kind,
        sessionId,
        userId,
        tokenDigest: typeof tokenDigest === 'string' ? tokenDigest : null,
      }
    case 'session-changed':
      return typeof sessionId === 'string' ? { kind, sessionId, userId } : null
    case 'user-changed':
    case 'user-deleted':
      return { kind, userId }
    case 'user-revoked':
      return typeof beforeMs === 'number' ? { kind, userId, beforeMs } : null
    default:
      return null
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
