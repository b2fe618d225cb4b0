import type { Clock } from '../clock.ts'
import type { GatewayConfig } from '../config/types.ts'
import type { AuditEvent } from '../ops/audit/event.ts'
import { openTrail, type AuditTrail } from '../ops/audit/trail.ts'
import type { ConsoleAction } from '../ops/console/port.ts'
import { createLogger } from '../ops/log.ts'
import type { Witness } from '../session/audit/witness.ts'
import type { Revoker } from '../session/revocation/revoke.ts'

/** The audit log of a command: the file that gateways append to, or lines on standard error beside what the command prints. Throws a `StartupError`. */
export function openCommandTrail({ audit }: GatewayConfig, clock: Clock): AuditTrail {
  const nobodyCounts = { said: () => undefined, lost: () => undefined }
  return openTrail(audit, {
    clock,
    logger: createLogger('warn', process.stderr),
    metrics: nobodyCounts,
  })
}

/** The same revoker; what it ends is said to have been ended at the console. */
export function audited(revoker: Revoker, witness: Pick<Witness, 'act'>): Revoker {
  const who = { actor: 'operator', via: 'console' } as const
  return {
    ...revoker,
    user: (user) => witness.act(who, () => revoker.user(user)),
    session: (sessionId) => witness.act(who, () => revoker.session(sessionId)),
  }
}

const actions = {
  'signed-in': 'sign_in',
  'sign-in-refused': 'sign_in',
  'revoked-user': 'user.revoke',
  'revoked-session': 'session.revoke',
} as const

/** What somebody has done at the console, in the words of the audit log. */
export function ofConsole({ kind, subject, ended, from }: ConsoleAction): AuditEvent {
  const isUserId = kind === 'revoked-user' && subject?.includes('@') === false
  const common = {
    event: 'console.action',
    actor: kind === 'sign-in-refused' ? 'unknown' : 'operator',
    via: 'console',
    address: from,
    action: actions[kind],
    userId: isUserId ? subject : null,
    sessionId: kind === 'revoked-session' ? subject : null,
    sessions: ended,
  } as const
  if (kind === 'sign-in-refused')
    return { ...common, outcome: 'failure', reason: 'credentials_wrong' }
  const isDone = kind === 'signed-in' || ended !== null
  return isDone
    ? { ...common, outcome: 'success' }
    : { ...common, outcome: 'failure', reason: 'request_invalid' }
}
