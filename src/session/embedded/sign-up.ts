import type { GenericEndpointContext } from 'better-auth'
import { APIError, createAuthMiddleware } from 'better-auth/api'
import type { SignUpPolicy } from '../../config/types.ts'

interface SignUpRefusal {
  readonly code: 'SIGN_UP_CLOSED' | 'SIGN_UP_DOMAIN_NOT_ALLOWED'
  readonly message: string
}

/**
 * Enforces `auth.signUp` wherever a user comes into being: by e-mail, by a social provider, by a plugin. Refuses with
 * Better Auth's `APIError` 403; a browser that comes back from a provider is sent to `errorUrl` by Better Auth itself, with
 * `?error=` that code. Accounts that an administrator makes are not sign-ups; who may make them, the admin plugin decides.
 *
 * What is not checked: that the address belongs to whoever signs up. That is `requireEmailVerification` in `auth.module`.
 */
export function createSignUpGuard(policy: SignUpPolicy) {
  return {
    beforeCreate: (
      user: { readonly email: string },
      context: GenericEndpointContext | null,
    ): Promise<void> => {
      if (context?.path.startsWith('/admin/') !== true) check(policy, user.email)
      return Promise.resolve()
    },
    /**
     * Once more, and earlier, for e-mail: a refusal inside is answered as a success where addresses must be verified first,
     * so that nobody can find out who has an account; whether a domain may sign up is no such secret.
     */
    beforeEmail: {
      matcher: (context: { readonly path?: string }): boolean => context.path === '/sign-up/email',
      handler: createAuthMiddleware((context) => {
        const { email } = (context.body ?? {}) as { readonly email?: unknown }
        check(policy, typeof email === 'string' ? email : '')
        return Promise.resolve()
      }),
    },
  }
}

function check(policy: SignUpPolicy, email: string): void {
  const refusal = judge(policy, email)
  if (refusal !== null) throw new APIError('FORBIDDEN', { ...refusal })
}

function judge(policy: SignUpPolicy, email: string): SignUpRefusal | null {
  switch (policy.kind) {
    case 'open':
      return null
    case 'closed':
      return { code: 'SIGN_UP_CLOSED', message: 'Sign-up is closed' }
    case 'domains': {
      const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase()
      if (policy.domains.includes(domain)) return null
      const message = 'Sign-up is not open to this e-mail domain'
      return { code: 'SIGN_UP_DOMAIN_NOT_ALLOWED', message }
    }
  }
}
