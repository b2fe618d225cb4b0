import type { Audit } from '../../ops/audit/trail.ts'
import type { ToldSession } from '../../proxy/headers/application.ts'
import { whoOf } from '../audit/conclude.ts'
import type { RevocationEvent } from '../revocation/event.ts'

export interface SessionHearerDeps {
  /** Here it is heard when this returns. */
  readonly say: (event: RevocationEvent) => void
  readonly audit: Audit
  readonly digest: (text: string) => string
}

/**
 * Makes what hears of the session cookies that Better Auth's application sets in answers outside of `auth.path`: from a server action that signs somebody out, for example.
 * A session whose cookie is taken away has ended, as by `/sign-out`; where another takes its place, everything about its user is asked anew, because nobody says
 * whether the old one was ended too.
 */
export function createSessionHearer({
  say,
  audit,
  digest,
}: SessionHearerDeps): (told: ToldSession) => void {
  return (told) => {
    const { what, sent } = told
    if (sent !== null) say(toEvent(what, sent, digest))
    if (what === 'begun') {
      audit.say({ event: 'sign_in', outcome: 'success', ...who(told, null), method: 'other' })
    } else if (what === 'ended' && sent !== null) {
      audit.say({ event: 'sign_out', outcome: 'success', ...who(told, sent) })
    }
  }
}

type Sent = NonNullable<ToldSession['sent']>

function toEvent(
  what: ToldSession['what'],
  { sessionId, userId, token }: Sent,
  digest: SessionHearerDeps['digest'],
): RevocationEvent {
  switch (what) {
    case 'ended':
      return { kind: 'session-revoked', sessionId, userId, tokenDigest: digest(token) }
    case 'extended':
      return { kind: 'session-changed', sessionId, userId }
    case 'begun':
      return { kind: 'user-changed', userId }
  }
}

/** @param subject whose session it is; null: nobody says who has signed in */
function who({ requestId, address, userAgent, sent }: ToldSession, subject: Sent | null) {
  const asked = { method: '', path: '', body: () => ({}), requestId, address, userAgent }
  return whoOf(asked, sent, subject?.userId ?? null, subject?.sessionId ?? null)
}
