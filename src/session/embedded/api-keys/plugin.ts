import type { BetterAuthOptions, BetterAuthPlugin } from 'better-auth'
import { createAuthMiddleware } from 'better-auth/api'
import type { RevocationListener } from '../../port.ts'

/** More than any key can be used: what a key that was made without a limit of its own is given. PostgreSQL's largest `integer`. */
export const unlimited = 2_147_483_647

/**
 * The plugins that API keys need: Better Auth's own, unless the user's options have it already, and one that tells when a key changes.
 *
 * Better Auth's would allow ten requests a day per key; here a key has no limit but one that it was made with. Limits of routes are the
 * gateway's business.
 * @param user what `auth.module` exports
 */
export async function createApiKeyPlugins(
  user: Pick<BetterAuthOptions, 'plugins'>,
  listener: Pick<RevocationListener, 'userChanged' | 'everythingChanged'>,
): Promise<BetterAuthPlugin[]> {
  const watch = watchApiKeys(listener)
  if (user.plugins?.some(({ id }) => id === 'api-key') === true) return [watch]
  const { apiKey } = await import('@better-auth/api-key')
  const rateLimit = { enabled: true, timeWindow: 1000, maxRequests: unlimited }
  return [apiKey({ rateLimit }), watch]
}

const changing: ReadonlySet<string | undefined> = new Set(['/api-key/update', '/api-key/delete'])

/**
 * Tells that something about its owner has changed when a key was changed or deleted, before whoever did so is answered. For rows of
 * keys Better Auth has no hooks, and the adapter is no place to watch: every use of a key is a write.
 */
function watchApiKeys(
  listener: Pick<RevocationListener, 'userChanged' | 'everythingChanged'>,
): BetterAuthPlugin {
  return {
    id: 'sallyport-api-keys',
    hooks: {
      after: [
        {
          matcher: ({ path }) => changing.has(path),
          handler: createAuthMiddleware((context) => {
            const { returned, session } = context.context
            const owner = ownerIn(returned) ?? session?.user.id ?? userIn(context.body)
            if (owner === null) listener.everythingChanged()
            else listener.userChanged({ userId: owner })
            return Promise.resolve()
          }),
        },
      ],
    },
  }
}

/** Of a key that was changed; the answer to a deletion has none, but its owner has a session. */
function ownerIn(returned: unknown): string | null {
  const { referenceId } = (returned ?? {}) as { readonly referenceId?: unknown }
  return typeof referenceId === 'string' ? referenceId : null
}

function userIn(body: unknown): string | null {
  const { userId } = (body ?? {}) as { readonly userId?: unknown }
  return typeof userId === 'string' ? userId : null
}
