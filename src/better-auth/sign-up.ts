import { APIError, createAuthMiddleware } from 'better-auth/api'
import type { GenericEndpointContext } from 'better-auth'
import type { SignUpPolicy } from '../config/types.ts'

/** An administrator who makes an account for somebody is not signing up. Better Auth checks who may call it. */
const administrative = '/admin/create-user'

/**
 * Keeps the sign-up policy wherever a user comes into being: e-mail, social sign-in, plugins. A refusal is Better Auth's
 * own `APIError` 403 with code `SIGN_UP_CLOSED` or `SIGN_UP_DOMAIN_NOT_ALLOWED`; a browser that comes back from a provider
 * is redirected to `errorUrl` with `error=` that code in lower case instead.
 *
 * What is not checked: that the address belongs to whoever signs up (that is `requireEmailVerification` in the module).
 */
export function createSignUpGuard(policy: {
  readonly signUp: SignUpPolicy
  readonly errorUrl: string
}) {
  const { signUp, errorUrl } = policy
  return {
    /** For every way in. */
    beforeCreate: (
      user: { readonly email: string },
      context: GenericEndpointContext | null,
    ): Promise<void> => {
      const refusal = judge(signUp, user.email)
      if (refusal === null || context?.path === administrative) return Promise.resolve()
      const isCallback = context?.path.includes('/callback') === true
      throw isCallback ? redirectTo(errorUrl, refusal.code) : new APIError('FORBIDDEN', refusal)
    },
    /** Again, and earlier, for e-mail: where verification is required Better Auth answers a later 403 as a success. */
    beforeEmailSignUp: {
      matcher: (context: { readonly path?: string }) => context.path === '/sign-up/email',
      handler: createAuthMiddleware((context) => {
        const { email } = (context.body ?? {}) as { readonly email?: unknown }
        const refusal = typeof email === 'string' ? judge(signUp, email) : null
        if (refusal !== null) throw new APIError('FORBIDDEN', refusal)
        return Promise.resolve()
      }),
    },
  }
}

interface SignUpRefusal {
  readonly code: 'SIGN_UP_CLOSED' | 'SIGN_UP_DOMAIN_NOT_ALLOWED'
  readonly message: string
}

function judge(policy: SignUpPolicy, email: string): SignUpRefusal | null {
  switch (policy.kind) {
    case 'open':
      return null
    case 'closed':
      return { code: 'SIGN_UP_CLOSED', message: 'New accounts cannot be made here.' }
    case 'domains': {
      const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
      if (email.includes('@') && policy.domains.includes(domain)) return null
      const message = 'New accounts cannot be made with an e-mail address of this domain.'
      return { code: 'SIGN_UP_DOMAIN_NOT_ALLOWED', message }
    }
  }
}

function redirectTo(errorUrl: string, code: string): APIError {
  const target = new URL(errorUrl)
  target.searchParams.set('error', code.toLowerCase())
  return new APIError('FOUND', undefined, { location: target.href })
}
