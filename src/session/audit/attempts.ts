import type { Factor, Method, Reason } from '../../ops/audit/event.ts'

/** What a request tries to do, by its path. */
export type Attempt =
  | {
      readonly event: 'sign_in' | 'sign_up'
      readonly method: Method
      readonly provider?: string | null
      readonly factor?: Factor
    }
  | {
      readonly event:
        | 'password.changed'
        | 'password.reset_asked'
        | 'password.reset'
        | 'email.verified'
        | 'second_factor.enabled'
        | 'second_factor.disabled'
        | 'administration'
    }

const signIns: Readonly<Record<string, Method>> = {
  '/sign-in/email': 'password',
  '/sign-in/username': 'password',
  '/sign-in/phone-number': 'password',
  '/sign-in/social': 'social',
  '/one-tap/callback': 'social',
  '/oauth-proxy-callback': 'social',
  '/sign-in/anonymous': 'anonymous',
  '/sign-in/magic-link': 'magic_link',
  '/magic-link/verify': 'magic_link',
  '/sign-in/email-otp': 'email_otp',
  '/phone-number/verify': 'phone',
  '/passkey/verify-authentication': 'passkey',
  '/one-time-token/verify': 'one_time_token',
  '/device/token': 'device',
  '/siwe/verify': 'wallet',
}

const factors: Readonly<Record<string, Factor>> = {
  '/two-factor/verify-totp': 'totp',
  '/two-factor/verify-otp': 'otp',
  '/two-factor/verify-backup-code': 'backup_code',
}

const others: Readonly<Record<string, Exclude<Attempt, { readonly method: Method }>['event']>> = {
  '/change-password': 'password.changed',
  '/admin/set-user-password': 'password.changed',
  '/request-password-reset': 'password.reset_asked',
  '/forget-password/email-otp': 'password.reset_asked',
  '/email-otp/request-password-reset': 'password.reset_asked',
  '/phone-number/request-password-reset': 'password.reset_asked',
  '/reset-password': 'password.reset',
  '/email-otp/reset-password': 'password.reset',
  '/phone-number/reset-password': 'password.reset',
  '/verify-email': 'email.verified',
  '/email-otp/verify-email': 'email.verified',
  '/two-factor/enable': 'second_factor.enabled',
  '/two-factor/disable': 'second_factor.disabled',
}

/** Read by anybody who may, and changing nothing. */
const reading = /^\/admin\/(?:get|list|has)-/

/**
 * What a request to Better Auth tries to do; null: nothing that could fail in a way worth saying, or nothing that is known.
 * @param path below `auth.path`
 * @param isSignedIn whether it came with a session
 */
export function attemptOf(path: string, isSignedIn: boolean): Attempt | null {
  const method = signIns[path]
  if (method !== undefined) return { event: 'sign_in', method }
  if (path === '/sign-up/email') return { event: 'sign_up', method: 'password' }
  const provider = /^\/(?:oauth2\/)?callback\/([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1]
  if (provider !== undefined) return { event: 'sign_in', method: 'social', provider }
  const factor = factors[path]
  // Whoever is signed in already confirms that their second factor works.
  if (factor !== undefined) {
    return isSignedIn
      ? { event: 'second_factor.enabled' }
      : { event: 'sign_in', method: 'second_factor', factor }
  }
  const event = others[path]
  if (event !== undefined) return { event }
  return path.startsWith('/admin/') ? { event: 'administration' } : null
}

/** Whether an endpoint for administrators may change something. */
export function isChange(path: string): boolean {
  return path.startsWith('/admin/') && !reading.test(path)
}

const byCode: Readonly<Record<string, Reason>> = {
  INVALID_EMAIL_OR_PASSWORD: 'credentials_wrong',
  INVALID_USERNAME_OR_PASSWORD: 'credentials_wrong',
  INVALID_PHONE_NUMBER_OR_PASSWORD: 'credentials_wrong',
  INVALID_PASSWORD: 'credentials_wrong',
  CREDENTIAL_ACCOUNT_NOT_FOUND: 'credentials_wrong',
  USER_NOT_FOUND: 'credentials_wrong',
  INVALID_CODE: 'code_wrong',
  INVALID_OTP: 'code_wrong',
  INVALID_BACKUP_CODE: 'code_wrong',
  OTP_HAS_EXPIRED: 'code_expired',
  OTP_EXPIRED: 'code_expired',
  OTP_NOT_FOUND: 'code_expired',
  TOO_MANY_ATTEMPTS: 'code_expired',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'code_expired',
  INVALID_TWO_FACTOR_COOKIE: 'code_expired',
  INVALID_TOKEN: 'token_invalid',
  TOKEN_EXPIRED: 'token_invalid',
  EXPIRED_TOKEN: 'token_invalid',
  NEW_USER_SIGNUP_DISABLED: 'sign_up_closed',
  SIGNUP_DISABLED: 'sign_up_closed',
  EMAIL_PASSWORD_SIGN_UP_DISABLED: 'sign_up_closed',
  SIGN_UP_CLOSED: 'sign_up_closed',
  SIGN_UP_DOMAIN_NOT_ALLOWED: 'domain_not_allowed',
  BANNED: 'user_banned',
  BANNED_USER: 'user_banned',
  EMAIL_NOT_VERIFIED: 'email_not_verified',
  USER_ALREADY_EXISTS: 'account_exists',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'account_exists',
  INVALID_ORIGIN: 'request_invalid',
  MISSING_OR_NULL_ORIGIN: 'request_invalid',
  CROSS_SITE_NAVIGATION_LOGIN_BLOCKED: 'request_invalid',
}

/** Why a request failed, in the words of the audit log. */
export function reasonOf(
  status: number,
  code: string | null,
  { event, ...rest }: Pick<Attempt, 'event'> & { readonly method?: Method },
): Reason {
  if (status === 429) return 'rate_limited'
  if (status >= 500) return 'unavailable'
  const known = byCode[code?.toUpperCase() ?? '']
  if (known !== undefined) return known
  if (rest.method === 'social' && event === 'sign_in' && code !== null) return 'provider_failed'
  if (event === 'sign_in' && status === 401) return 'credentials_wrong'
  if (status === 401 || status === 403) return 'not_allowed'
  return status === 400 || status === 422 ? 'request_invalid' : 'other'
}
