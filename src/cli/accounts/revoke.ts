import { randomUUID } from 'node:crypto'
import { systemClock } from '../../clock.ts'
import { StartupError } from '../../errors/startup.ts'
import { createLogger } from '../../ops/log.ts'
import type { Revoker } from '../../session/revocation/revoke.ts'
import { Witness } from '../../session/audit/witness.ts'
import type { GatewayConfig } from '../../config/types.ts'
import type { Audit } from '../../ops/audit/trail.ts'
import { openCommandTrail } from '../../assemble/audit.ts'
import { openRevocations } from '../../assemble/revocations.ts'
import { loadFor, type ConfigOption } from '../config.ts'

/**
 * `sallyport revoke user ID|EMAIL`, `revoke session ID` and `revoke everyone`: every gateway of the installation refuses what was revoked within a second. Throws a `StartupError` where
 * there is nothing of that name, or where the gateways could not be told.
 */
export async function runRevoke(what: string, id: string, options: ConfigOption): Promise<void> {
  if (what !== 'user' && what !== 'session' && what !== 'everyone') {
    throw new StartupError(`what to revoke is "user", "session" or "everyone", not "${what}"`)
  }
  if (what === 'everyone') await revokeEveryone(loadFor(options).config)
  else {
    const said = await withRevocations(loadFor(options).config, (revoker) =>
      what === 'user' ? revokeUser(revoker, id) : revokeSession(revoker, id),
    )
    console.log(said)
  }
}

/** Ends all sessions and says so. Rejects as `runRevoke` does. */
export async function revokeEveryone(config: GatewayConfig): Promise<void> {
  const sessions = await withRevocations(config, async (revoker, audit) => {
    const ended = await revoker.everyone()
    audit.say({ event: 'everyone.revoked', outcome: 'success', ...who, sessions: ended })
    return ended
  })
  const counted = `${sessions} ${sessions === 1 ? 'session' : 'sessions'}`
  console.log(`${counted} ended: everybody has to sign in again`)
}

async function revokeUser(revoker: Revoker, user: string): Promise<string> {
  const ended = await revoker.user(user)
  if (ended === null) throw new StartupError(`there is no user ${user}`)
  return `${ended} ${ended === 1 ? 'session' : 'sessions'} ended`
}

async function revokeSession(revoker: Revoker, sessionId: string): Promise<string> {
  if (await revoker.session(sessionId)) return 'session ended'
  throw new StartupError(`there is no session ${sessionId}`)
}

const who = { actor: 'operator', via: 'command' } as const

async function withRevocations<T>(
  config: GatewayConfig,
  work: (revoker: Revoker, audit: Audit) => Promise<T>,
): Promise<T> {
  const clock = systemClock
  const trail = openCommandTrail(config, clock)
  const witness = new Witness(trail, who)
  const parts = { clock, logger: createLogger('warn'), node: randomUUID(), witness }
  const { revoker, close } = await openRevocations(config, parts)
  try {
    return await witness.act(who, () => work(revoker, trail))
  } finally {
    await trail.close()
    if (!(await close())) {
      console.error('the gateways could not be told, and will ask within `auth.session.cache`')
      process.exitCode = 1
    }
  }
}
