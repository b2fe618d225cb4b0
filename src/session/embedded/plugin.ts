import type { BetterAuthPlugin } from 'better-auth'
import { APIError } from 'better-auth/api'
import type { SignUpPolicy } from '../../config/types.ts'
import type { RevocationListener } from '../port.ts'

/**
 * The plugin through which Better Auth tells us what changes, and through which `auth.signUp` is enforced for every way of
 * signing up. Being a plugin, its hooks stand beside those of the user's own options instead of replacing them. `after`
 * hooks run when the change is committed and before the response is sent.
 */
export function createGatewayPlugin(
  listener: RevocationListener,
  signUp: SignUpPolicy,
): BetterAuthPlugin {
  return {
    id: 'sallyport',
    init: () => ({
      options: {
        databaseHooks: {
          session: {
            delete: {
              after: ({ id, token, userId }) => {
                listener.sessionRevoked({ sessionId: id, token, userId })
                return Promise.resolve()
              },
            },
            update: {
              after: ({ id, userId }) => {
                listener.sessionChanged({ sessionId: id, userId })
                return Promise.resolve()
              },
            },
          },
          user: {
            create: {
              before: ({ email }, context) => {
                if (context?.path.startsWith('/admin/') !== true) checkSignUp(email, signUp)
                return Promise.resolve()
              },
            },
            update: {
              after: ({ id }) => {
                listener.userChanged({ userId: id })
                return Promise.resolve()
              },
            },
            delete: {
              after: ({ id }) => {
                listener.userDeleted({ userId: id })
                return Promise.resolve()
              },
            },
          },
        },
      },
    }),
  }
}

function checkSignUp(email: string, policy: SignUpPolicy): void {
  switch (policy.kind) {
    case 'open':
      return
    case 'closed':
      throw new APIError('FORBIDDEN', { code: 'SIGN_UP_CLOSED', message: 'Sign-up is closed' })
    case 'domains': {
      const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
      if (policy.domains.includes(domain)) return
      throw new APIError('FORBIDDEN', {
        code: 'SIGN_UP_DOMAIN_NOT_ALLOWED',
        message: 'Sign-up is not open to this e-mail domain',
      })
    }
  }
}
