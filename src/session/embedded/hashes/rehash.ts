import type { GenericEndpointContext } from 'better-auth'
import type { FastifyBaseLogger } from 'fastify'
import { isWhole, readImported } from './imported.ts'

export interface RehashParts {
  readonly logger: FastifyBaseLogger
  /** Runs a piece of work whose failures are nobody else's. */
  readonly apart: (work: () => Promise<void>) => Promise<void>
}

/** After a session has been created. */
export type AfterSignIn = (
  session: { readonly userId: string },
  context: GenericEndpointContext | null,
) => Promise<void>

/** Where Better Auth and its plugins have verified the password of the body against the user's own by the time a session is created. */
const proving: ReadonlySet<string> = new Set([
  '/sign-in/email',
  '/sign-in/username',
  '/sign-in/phone-number',
])

/**
 * Hashes a password that was imported as Better Auth does, once its user has signed in with it. Whoever signs in waits for it; a failure is
 * logged and refuses nobody. Left as it is: a password of which only a part was verified. Of several at once the first is stored, and never over a password that was changed meanwhile.
 */
export function createRehash({ logger, apart }: RehashParts): AfterSignIn {
  return async ({ userId }, context) => {
    const password = provenPassword(context)
    if (context === null || password === null) return
    try {
      await apart(() => rehash(context.context, userId, password))
    } catch (error) {
      // Nothing else of it: a database may repeat what could not be stored.
      const { message: reason } = error as Error
      logger.warn({ userId, reason }, 'a password could not be hashed anew and stays as imported')
    }
  }
}

function provenPassword(context: GenericEndpointContext | null): string | null {
  if (context === null || !proving.has(context.path)) return null
  const { password } = (context.body ?? {}) as { readonly password?: unknown }
  return typeof password === 'string' ? password : null
}

async function rehash(
  { adapter, password }: GenericEndpointContext['context'],
  userId: string,
  proven: string,
): Promise<void> {
  type Account = { readonly id: string; readonly password?: string | null }
  const account = await adapter.findOne<Account>({
    model: 'account',
    where: [
      { field: 'userId', value: userId },
      { field: 'providerId', value: 'credential' },
    ],
  })
  const stored = account?.password ?? ''
  const imported = readImported(stored)
  if (account === null || imported === null || imported === 'costly') return
  if (!isWhole(imported, proven)) return
  const hash = await password.hash(proven)
  await adapter.updateMany({
    model: 'account',
    where: [
      { field: 'id', value: account.id },
      { field: 'password', value: stored },
    ],
    update: { password: hash },
  })
}
