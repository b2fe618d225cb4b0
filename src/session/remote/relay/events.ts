import type { RevocationEvent } from '../../revocation/event.ts'
import type { Identified } from './caller.ts'
import type { Effect } from './effects.ts'

/** Whose sessions an exchange speaks of, as far as that could be found out before it. */
export interface Concerned {
  readonly caller: Identified | null
  /** The session that the body names by its token. */
  readonly named: Identified | null
  /** Further accounts of the same browser, which a sign-out ends too. */
  readonly others: readonly Identified[]
}

export interface EventContext {
  readonly digest: (text: string) => string
  /** Wall clock, milliseconds. */
  readonly nowMs: number
}

/** What everybody must hear of the effects of an exchange. Pure. */
export function collect(
  effects: readonly Effect[],
  concerned: Concerned,
  context: EventContext,
): readonly RevocationEvent[] {
  return effects.flatMap((effect) => toEvents(effect, concerned, context))
}

function toEvents(
  effect: Effect,
  { caller, named, others }: Concerned,
  { digest, nowMs }: EventContext,
): readonly RevocationEvent[] {
  const ended = ({ sessionId, userId, token }: Identified): RevocationEvent => ({
    kind: 'session-revoked',
    sessionId,
    userId,
    tokenDigest: digest(token),
  })
  const changed: readonly RevocationEvent[] =
    caller === null ? [] : [{ kind: 'user-changed', userId: caller.userId }]
  switch (effect.kind) {
    case 'own-session-ended':
      return [...(caller === null ? [] : [caller]), ...others].map(ended)
    case 'caller-changed':
      return changed
    case 'caller-revoked':
      return caller === null
        ? []
        : [{ kind: 'user-revoked', userId: caller.userId, beforeMs: nowMs }]
    case 'session-ended':
      // Better Auth says "done" too where the session is somebody else's, and then has done nothing.
      if (effect.ofCaller) {
        const isOwn = named !== null && named.userId === caller?.userId
        return [...changed, ...(isOwn ? [ended(named)] : [])]
      }
      return named === null ? [{ kind: 'everything-changed' }] : [ended(named)]
    case 'user-changed':
    case 'user-deleted':
      return [{ kind: effect.kind, userId: effect.userId }]
    case 'user-revoked':
      return [{ kind: 'user-revoked', userId: effect.userId, beforeMs: nowMs }]
    case 'everything-changed':
      return [effect]
  }
}
