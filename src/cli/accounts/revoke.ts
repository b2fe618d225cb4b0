import { randomUUID } from 'node:crypto'
import { systemClock } from '../../clock.ts'
import { StartupError } from '../../errors/startup.ts'
import { createLogger } from '../../ops/log.ts'
import type { Revoker } from '../../session/revocation/revoke.ts'
import { openRevocations } from '../../assemble/revocations.ts'
import { loadFor, type ConfigOption } from '../config.ts'

/**
 * `sallyport revoke user ID|EMAIL` and `revoke session ID`: every gateway of the installation refuses what was revoked within a second. Throws a `StartupError` where
 * there is nothing of that name, or where the gateways could not be told.
 */
export async function runRevoke(what: string, id: string, options: ConfigOption): Promise<void> {
  if (what !== 'user' && what !== 'session') {
    throw new StartupError(`what to revoke is "user" or "session", not "${what}"`)
  }
  const said = await withRevocations(options, (revoker) =>
    what === 'user' ? revokeUser(revoker, id) : revokeSession(revoker, id),
  )
  console.log(said)
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

async function withRevocations<T>(
  options: ConfigOption,
  work: (revoker: Revoker) => Promise<T>,
): Promise<T> {
  const { config } = loadFor(options)
  const logger = createLogger('warn')
  const node = randomUUID()
  const { revoker, close } = await openRevocations(config, { clock: systemClock, logger, node })
  try {
    return await work(revoker)
  } finally {
    if (!(await close())) {
      console.error('the gateways could not be told, and will ask within `auth.session.cache`')
      process.exitCode = 1
    }
  }
}
